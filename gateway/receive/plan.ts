import { decide, type Route, type Start } from '../routes/route.ts';
import type { Admitted } from './admit.ts';
import type { Received } from './received.ts';
import { Refusal } from './refusal.ts';

/** What is to be done about the events of one request. */
export interface Plan {
  readonly starts: readonly { readonly start: Start; readonly event: Admitted['event'] }[];
  /** Events that no route matches, and that their source wants kept. */
  readonly kept: readonly Admitted[];
  /** What is settled without Temporal. */
  readonly settled: readonly Received[];
}

/**
 * Plans all starts before the first is made.
 * @throws Refusal when one of them cannot be built: the request is then refused whole, and a repaired route starts it whole
 */
export function planFor(events: readonly Admitted[], routes: readonly Route[], now: number): Plan {
  const starts: Plan['starts'][number][] = [];
  const kept: Admitted[] = [];
  const settled: Received[] = [];
  for (const admitted of events) {
    const { event, source } = admitted;
    let matched = false;
    for (const route of routes) {
      const decision = decide(route, admitted, now);
      if (decision.verdict === 'no match') continue;
      matched = true;
      if (decision.verdict === 'start') starts.push({ start: decision.start, event });
      else if (decision.verdict === 'refused')
        throw new Refusal(422, decision.reason, { event, source, route: route.name });
      else settled.push({ event, route: route.name, outcome: 'expired', reason: decision.reason });
    }
    if (matched) continue;
    if (source?.parkUnmatched) kept.push(admitted);
    else settled.push({ event, outcome: 'unmatched' });
  }
  return { starts, kept, settled };
}
