import { InvalidInput, messageOf } from '../../domain/errors.ts';
import { evaluateRoute, type Route } from '../routes/route.ts';
import type { DeliverAll, Delivery } from '../temporal/deliver-events.ts';
import type { EventResult } from '../temporal/event-result.ts';
import type { AuthorisedEvent } from './decode-and-authorise.ts';
import { Rejection } from './reject-request.ts';

/** What to do with the events of one request. */
export interface DeliveryPlan {
  readonly deliveries: readonly Delivery[];
  /** Unmatched events whose sender has `parkUnmatched`. */
  readonly toPark: readonly AuthorisedEvent[];
  /** Results that need no call to Temporal. */
  readonly resultsWithoutRun: readonly EventResult[];
}

/**
 * Plans all starts before the first one is made.
 * @throws Rejection if one of the starts cannot be built. The whole request is rejected. After the route is repaired, a
 *   replay starts all runs.
 */
export function planDeliveries(
  events: readonly AuthorisedEvent[],
  routes: readonly Route[],
  now: number,
): DeliveryPlan {
  const deliveries: Delivery[] = [];
  const toPark: AuthorisedEvent[] = [];
  const resultsWithoutRun: EventResult[] = [];
  for (const authorised of events) {
    const { event, sender } = authorised;
    let matched = false;
    let bytesReason: string | undefined;
    for (const route of routes) {
      const decision = evaluateRoute(route, authorised, now);
      if (decision.verdict === 'no match') {
        bytesReason ??= decision.reason;
        continue;
      }
      matched = true;
      if (decision.verdict === 'start') deliveries.push({ runRequest: decision.runRequest, event });
      else if (decision.verdict === 'refused')
        throw new Rejection(422, decision.reason, { event, sender, route: route.name });
      else resultsWithoutRun.push({ event, route: route.name, outcome: 'expired', reason: decision.reason });
    }
    if (matched) continue;
    if (sender?.parkUnmatched) toPark.push(authorised);
    else
      resultsWithoutRun.push({
        ...{ event, outcome: 'unmatched' },
        ...(bytesReason === undefined ? {} : { reason: bytesReason, isBytes: true }),
      });
  }
  return { deliveries, toPark, resultsWithoutRun };
}

/**
 * Makes all deliveries. Returns the signals for which no run is open. If some deliveries fail, throws one of their
 * errors, if possible an error that can be retried.
 */
export async function deliverPlan(
  { deliveries }: DeliveryPlan,
  events: readonly AuthorisedEvent[],
  deliverAll: DeliverAll,
  deadline: number,
): Promise<readonly Delivery[]> {
  const { failed, unawaited } = await deliverAll(deliveries, deadline);
  const retryable = failed.find(({ failure }) => !(failure instanceof InvalidInput));
  if (retryable !== undefined) throw retryable.failure;
  const [rejected] = failed;
  if (rejected === undefined) return unawaited;
  const { event, runRequest } = rejected.delivery;
  const sender = events.find((authorisedEvent) => authorisedEvent.event === event)?.sender;
  throw new Rejection(422, messageOf(rejected.failure), { event, sender, route: runRequest.route });
}
