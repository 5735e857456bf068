import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { beijingDay, endOfBeijingDay } from '../../domain/weather/beijing-time.ts';
import { type Failure, ProviderFailed } from '../../domain/weather/provider-failure.ts';
import type { AskedPlace, PlaceAnswer } from '../../ports/forecast-provider.ts';
import { type Ask, giveBack, untilStored } from './ask-again.ts';
import { pacedCalls } from './paced-calls.ts';
import type { WeatherDeps } from './ports.ts';
import { LONGEST_WAIT_MS, type RunGate } from './run-gate.ts';

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

/** After a complaint nobody calls for so long, at least, in ms; as much again at random. */
const RELIEF_MS = 400;
/** So many complaints in a row, or one that asks for a wait of so many ms, are worth a line in the log. */
const TOLD_COMPLAINTS = 10;
const TOLD_WAIT_MS = 2 * 60_000;

/**
 * Tells all workers at once what follows from a refusal: after a complaint everybody is slower, and waits as it asks;
 * a quota closes the provider until the day of the refused call has ended, a wait that no run is held up for until it
 * is over. `waitedMs` is what complaints before this one have asked for; undefined: there was none.
 */
async function noteRefusal(
  { book, clock, log, provider }: WeatherDeps,
  { class: kind, code, reason, afterMs = 0 }: Failure,
  about: {
    readonly gate: RunGate;
    readonly day: string | undefined;
    readonly waitedMs: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { gate, day = beijingDay(clock()), waitedMs = -1, signal } = about;
  if (kind !== 'quota' && kind !== 'throttled') return;
  const isShort = kind === 'throttled' && afterMs <= LONGEST_WAIT_MS;
  const { complaints } = gate;
  if (
    kind === 'throttled' &&
    (complaints === TOLD_COMPLAINTS || (complaints === 1 && afterMs > TOLD_WAIT_MS))
  )
    log.warn({ provider: provider.id, code, complaints, afterMs }, `the run is held up: ${reason}`);
  if (isShort && afterMs > waitedMs) {
    const relief = RELIEF_MS * (1 + Math.random());
    await untilStored(() => book.slow(afterMs + relief, signal), signal);
  }
  const until = isShort ? 0 : kind === 'quota' ? endOfBeijingDay(day) : clock() + afterMs;
  if (until > clock()) await untilStored(() => book.close(until, `${code}: ${reason}`, signal), signal);
}

/** A place of the catalogue as providers are asked for it. */
function askedPlace(adcode: string): AskedPlace {
  const place = placeOf(adcode);
  const { name = adcode, latitude, longitude } = place ?? {};
  return {
    ...{ adcode, name },
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
  };
}
