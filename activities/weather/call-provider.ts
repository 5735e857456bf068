import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { beijingDay, endOfBeijingDay } from '../../domain/weather/beijing-time.ts';
import { ProviderError, type ProviderFailure } from '../../domain/weather/provider-failure.ts';
import type { PlaceResult, ProviderPlace } from '../../ports/forecast-provider.ts';
import { type ProviderCall, retryStore, returnUnusedCalls } from './call-retries.ts';
import { type CircuitBreaker, MAX_THROTTLE_WAIT_MS } from './circuit-breaker.ts';
import { makePacedCalls } from './paced-calls.ts';
import type { WeatherDeps } from './weather-deps.ts';

/** What became of some calls. */
export interface CallResults {
  readonly answers: readonly PlaceResult[];
  readonly failures: readonly { readonly ask: ProviderCall; readonly failure: ProviderFailure }[];
  /** Whose instant had passed before they could be made. */
  readonly missed: readonly ProviderCall[];
  /** For which no call was left. */
  readonly skipped: readonly ProviderCall[];
  /** Calls set aside anew, less those given back. */
  readonly calls: number;
}

/** Sets calls aside, none after the day `until`, makes them at their instants, and answers what became of each. */
export async function callProvider(
  deps: WeatherDeps,
  gate: CircuitBreaker,
  asks: readonly ProviderCall[],
  signal: AbortSignal,
  until?: string,
): Promise<CallResults> {
  const { budgetStore, provider, clock } = deps;
  const { counted, countedOn } = lastCountedCalls(asks);
  const grant = await retryStore(
    () => budgetStore.reserve(asks.length, counted, { countedOn, until, signal }),
    signal,
  );
  const granted = asks.slice(0, grant.calls);
  // They are the next day's, and are set aside with the next chunk.
  const postponed = asks.slice(grant.calls, grant.calls + (grant.postponed ?? 0));
  const answers: PlaceResult[] = [];
  const failures: { ask: ProviderCall; failure: ProviderFailure }[] = [];
  /** What was asked for with complaints about the rate: after the first one the others wait for instants further apart. */
  let waitedMs: number | undefined;
  const call = async (index: number): Promise<void> => {
    const ask = granted[index];
    if (ask === undefined) return;
    try {
      const unread: string[] = [];
      let failure: ProviderFailure | undefined;
      for (const answer of await provider.fetchForecasts(ask.adcodes.map(toProviderPlace), signal))
        if (answer.outcome === 'refused' && answer.failure.class === 'transient') {
          unread.push(answer.adcode);
          failure = answer.failure;
        } else answers.push(answer);
      // The places of a call that could not be read are asked for again without the others, in one call.
      if (failure !== undefined) failures.push({ ask: { ...ask, adcodes: unread }, failure });
      gate.recordSuccess();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const before = { waitedMs, wasStopped: gate.stopped !== undefined };
      gate.recordFailure(error);
      failures.push({ ask, failure: toProviderFailure(error) });
      if (error.class === 'throttled') waitedMs = Math.max(waitedMs ?? 0, error.afterMs ?? 0);
      if (!before.wasStopped)
        await recordRejection(deps, error, { gate, day: grant.day, waitedMs: before.waitedMs, signal });
    }
  };
  const more = () => !gate.isOpen;
  const over = () => gate.stopped !== undefined || waitedMs !== undefined;
  const missed = await makePacedCalls(grant, call, { clock, more, over, signal });
  // Another worker has closed the provider: what was set aside for these calls is not made.
  const unmade = granted.length + postponed.length === 0 ? counted : 0;
  const given = await returnUnusedCalls(budgetStore, unmade, countedOn, signal);
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
export function lastCountedCalls(asks: readonly ProviderCall[]): {
  counted: number;
  countedOn: string | undefined;
} {
  const days = asks.flatMap((ask) => ask.countedOn ?? []).sort();
  const countedOn = days.at(-1);
  return { counted: days.filter((day) => day === countedOn).length, countedOn };
}

const toProviderFailure = ({ class: kind, code, reason, afterMs }: ProviderError): ProviderFailure => ({
  ...{ class: kind, code, reason },
  ...(afterMs === undefined ? {} : { afterMs }),
});

/** After a complaint nobody calls for so long, at least, in ms; as much again at random. */
const EXTRA_WAIT_MS = 400;
/** So many complaints in a row, or one that asks for a wait of so many ms, are worth a line in the log. */
const WARN_AFTER_THROTTLED_CALLS = 10;
const WARN_WAIT_MS = 2 * 60_000;

/**
 * Tells all workers at once what follows from a refusal: after a complaint everybody is slower, and waits as it asks;
 * a quota closes the provider until the day of the refused call has ended, a wait that no run is held up for until it
 * is over. `waitedMs` is what complaints before this one have asked for; undefined: there was none.
 */
async function recordRejection(
  { budgetStore, clock, log, provider }: WeatherDeps,
  { class: kind, code, reason, afterMs = 0 }: ProviderFailure,
  about: {
    readonly gate: CircuitBreaker;
    readonly day: string | undefined;
    readonly waitedMs: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { gate, day = beijingDay(clock()), waitedMs = -1, signal } = about;
  if (kind !== 'quota' && kind !== 'throttled') return;
  const isShort = kind === 'throttled' && afterMs <= MAX_THROTTLE_WAIT_MS;
  const { throttledCalls } = gate;
  if (
    kind === 'throttled' &&
    (throttledCalls === WARN_AFTER_THROTTLED_CALLS || (throttledCalls === 1 && afterMs > WARN_WAIT_MS))
  )
    log.warn({ provider: provider.id, code, throttledCalls, afterMs }, `the run is held up: ${reason}`);
  if (isShort && afterMs > waitedMs) {
    const relief = EXTRA_WAIT_MS * (1 + Math.random());
    await retryStore(() => budgetStore.slowDown(afterMs + relief, signal), signal);
  }
  const until = isShort ? 0 : kind === 'quota' ? endOfBeijingDay(day) : clock() + afterMs;
  if (until > clock()) await retryStore(() => budgetStore.close(until, `${code}: ${reason}`, signal), signal);
}

/** A place of the catalogue as providers are asked for it. */
function toProviderPlace(adcode: string): ProviderPlace {
  const place = placeOf(adcode);
  const { name = adcode, latitude, longitude } = place ?? {};
  return {
    ...{ adcode, name },
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
  };
}
