import { type Failure, ProviderFailed } from '../../domain/weather/provider-failure.ts';
import type { PlaceAnswer } from '../../ports/forecast-provider.ts';
import { askedPlace } from './asked-place.ts';
import { giveBack } from './give-back.ts';
import { noteRefusal } from './note-refusal.ts';
import { pacedCalls } from './paced-calls.ts';
import type { WeatherDeps } from './ports.ts';
import type { RunGate } from './run-gate.ts';
import { untilStored } from './until-stored.ts';

/** Places that are asked for in one call. */
export interface Ask {
  readonly adcodes: readonly string[];
  /** Calls that were made in vain. */
  readonly tries: number;
  /** A call was set aside for it, for this day (`yyyy-mm-dd`), and its instant has passed. */
  readonly countedOn?: string | undefined;
}

/** What became of some calls. */
export interface Asked {
  readonly answers: readonly PlaceAnswer[];
  readonly failures: readonly { readonly ask: Ask; readonly failure: Failure }[];
  /** Whose instant had passed before they could be made. */
  readonly missed: readonly Ask[];
  /** For which no call was left. */
  readonly skipped: readonly Ask[];
  /** Calls set aside anew, less those given back. */
  readonly calls: number;
}

/** Sets calls aside, none after the day `until`, makes them at their instants, and answers what became of each. */
export async function askChunk(
  deps: WeatherDeps,
  gate: RunGate,
  asks: readonly Ask[],
  signal: AbortSignal,
  until?: string,
): Promise<Asked> {
  const { book, provider, clock } = deps;
  const { counted, countedOn } = countedLast(asks);
  const grant = await untilStored(
    () => book.reserve(asks.length, counted, { countedOn, until, signal }),
    signal,
  );
  const granted = asks.slice(0, grant.calls);
  // They are the next day's, and are set aside with the next chunk.
  const postponed = asks.slice(grant.calls, grant.calls + (grant.postponed ?? 0));
  const answers: PlaceAnswer[] = [];
  const failures: { ask: Ask; failure: Failure }[] = [];
  /** What was asked for with complaints about the rate: after the first one the others wait for instants further apart. */
  let waitedMs: number | undefined;
  const call = async (index: number): Promise<void> => {
    const ask = granted[index];
    if (ask === undefined) return;
    try {
      const unread: string[] = [];
      let failure: Failure | undefined;
      for (const answer of await provider.ask(ask.adcodes.map(askedPlace), signal))
        if (answer.outcome === 'refused' && answer.failure.class === 'transient') {
          unread.push(answer.adcode);
          failure = answer.failure;
        } else answers.push(answer);
      // The places of a call that could not be read are asked for again without the others, in one call.
      if (failure !== undefined) failures.push({ ask: { ...ask, adcodes: unread }, failure });
      gate.succeeded();
    } catch (error) {
      if (!(error instanceof ProviderFailed)) throw error;
      const before = { waitedMs, wasStopped: gate.stopped !== undefined };
      gate.failed(error);
      failures.push({ ask, failure: failureIn(error) });
      if (error.class === 'throttled') waitedMs = Math.max(waitedMs ?? 0, error.afterMs ?? 0);
      if (!before.wasStopped)
        await noteRefusal(deps, error, { gate, day: grant.day, waitedMs: before.waitedMs, signal });
    }
  };
  const more = () => !gate.held;
  const over = () => gate.stopped !== undefined || waitedMs !== undefined;
  const missed = await pacedCalls(grant, call, { clock, more, over, signal });
  // Another worker has closed the provider: what was set aside for these calls is not made.
  const unmade = granted.length + postponed.length === 0 ? counted : 0;
  const given = await giveBack(book, unmade, countedOn, signal);
  return {
    answers,
    failures,
    missed: [
      ...missed.flatMap((index) => granted[index] ?? []).map((ask) => ({ ...ask, countedOn: grant.day })),
      ...postponed,
    ],
    skipped: asks.slice(grant.calls + postponed.length),
    calls: Math.max(0, grant.calls - (countedOn === grant.day ? counted : 0)) - given,
  };
}

/** How many of them were set aside for the latest of their days; those of days before count anew. */
export function countedLast(asks: readonly Ask[]): { counted: number; countedOn: string | undefined } {
  const days = asks.flatMap((ask) => ask.countedOn ?? []).sort();
  const countedOn = days.at(-1);
  return { counted: days.filter((day) => day === countedOn).length, countedOn };
}

const failureIn = ({ class: kind, code, reason, afterMs }: ProviderFailed): Failure => ({
  ...{ class: kind, code, reason },
  ...(afterMs === undefined ? {} : { afterMs }),
});
