import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { beijingDay, endOfBeijingDay } from '../../domain/weather/beijing-time.ts';
import { ProviderError, type ProviderFailure } from '../../domain/weather/provider-failure.ts';
import type { PlaceResult, ProviderPlace } from '../../ports/forecast-provider.ts';
import { type ProviderCall, releaseUnusedCalls, retryStore } from './call-retries.ts';
import { type CircuitBreaker, MAX_THROTTLE_WAIT_MS } from './circuit-breaker.ts';
import { makePacedCalls } from './paced-calls.ts';
import type { WeatherDeps } from './weather-deps.ts';

/** The results of a set of calls. */
export interface CallResults {
  readonly answers: readonly PlaceResult[];
  readonly failures: readonly { readonly call: ProviderCall; readonly failure: ProviderFailure }[];
  /**
   * Calls that were not made at their start times, for example because a throttled call came first. Also calls whose
   * start times would be on the next day. All of them can still be made later.
   */
  readonly missed: readonly ProviderCall[];
  /** Calls that were not made because the budget is used up. */
  readonly skipped: readonly ProviderCall[];
  /** The number of calls that were reserved, minus the reserved calls that were released. */
  readonly newlyReserved: number;
}

/** Reserves calls (none after the day `until`), makes each at its start time, and returns the result of each. */
export async function callProvider(
  deps: WeatherDeps,
  breaker: CircuitBreaker,
  calls: readonly ProviderCall[],
  signal: AbortSignal,
  until?: string,
): Promise<CallResults> {
  const { budgetStore, provider, clock } = deps;
  const { reserved, reservedFor } = latestReservation(calls);
  const grant = await retryStore(
    () => budgetStore.reserve(calls.length, reserved, { reservedFor, until, signal }),
    signal,
  );
  const granted = calls.slice(0, grant.calls);
  // The start times of these calls would be on the next day. They are reserved by a later `callProvider`, together with its own calls.
  const postponed = calls.slice(grant.calls, grant.calls + (grant.postponed ?? 0));
  const answers: PlaceResult[] = [];
  const failures: { call: ProviderCall; failure: ProviderFailure }[] = [];
  /**
   * The longest wait that a throttled call asked for; undefined before the first throttled call. After that call, the
   * remaining calls wait for new start times.
   */
  let longestWaitMs: number | undefined;
  const makeCall = async (index: number): Promise<void> => {
    const call = granted[index];
    if (call === undefined) return;
    try {
      const unread: string[] = [];
      let failure: ProviderFailure | undefined;
      for (const answer of await provider.fetchForecasts(call.adcodes.map(toProviderPlace), signal))
        if (answer.outcome === 'failed' && answer.failure.class === 'transient') {
          unread.push(answer.adcode);
          failure = answer.failure;
        } else answers.push(answer);
      // Only the places of this call that could not be read are requested again, together in one call.
      if (failure !== undefined) failures.push({ call: { ...call, adcodes: unread }, failure });
      breaker.recordSuccess();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const before = { longestWaitMs, wasStopped: breaker.stopped !== undefined };
      breaker.recordFailure(error);
      failures.push({ call, failure: toProviderFailure(error) });
      if (error.class === 'throttled') longestWaitMs = Math.max(longestWaitMs ?? 0, error.afterMs ?? 0);
      if (!before.wasStopped)
        await recordRejection(deps, error, {
          breaker,
          day: grant.day,
          longestWaitMs: before.longestWaitMs,
          signal,
        });
    }
  };
  const mayCall = () => !breaker.isOpen;
  const shouldStop = () => breaker.stopped !== undefined || longestWaitMs !== undefined;
  const missed = await makePacedCalls(grant, makeCall, { clock, mayCall, shouldStop, signal });
  // An earlier step may have reserved some of `calls`. If no call is granted or postponed now, for example because another
  // worker has closed the provider, those reservations are released.
  const unmade = granted.length + postponed.length === 0 ? reserved : 0;
  const released = await releaseUnusedCalls(budgetStore, unmade, reservedFor, signal);
  return {
    answers,
    failures,
    missed: [
      ...missed.flatMap((index) => granted[index] ?? []).map((call) => ({ ...call, reservedFor: grant.day })),
      ...postponed,
    ],
    skipped: calls.slice(grant.calls + postponed.length),
    newlyReserved: Math.max(0, grant.calls - (reservedFor === grant.day ? reserved : 0)) - released,
  };
}

/** Returns the latest day for which calls are reserved, and how many. Calls of earlier days count as new. */
export function latestReservation(calls: readonly ProviderCall[]): {
  reserved: number;
  reservedFor: string | undefined;
} {
  const days = calls.flatMap((call) => call.reservedFor ?? []).sort();
  const reservedFor = days.at(-1);
  return { reserved: days.filter((day) => day === reservedFor).length, reservedFor };
}

const toProviderFailure = ({ class: kind, code, reason, afterMs }: ProviderError): ProviderFailure => ({
  ...{ class: kind, code, reason },
  ...(afterMs === undefined ? {} : { afterMs }),
});

/**
 * After a throttled call, all workers wait longer than the provider asks. The extra wait is this time plus a random
 * time up to this time.
 */
const EXTRA_WAIT_MS = 400;
/** Log a warning after this many consecutive throttled calls, or if the first one asks for more than `WARN_WAIT_MS`. */
const WARN_AFTER_THROTTLED_CALLS = 10;
const WARN_WAIT_MS = 2 * 60_000;

/**
 * Stores the consequence of a failed call for all workers. After a throttled call, all workers slow down and wait as
 * long as the provider asks. A long wait closes the provider for that time. An exhausted quota closes it until the end
 * of the day of the failed call. Runs do not wait for a closed provider. `longestWaitMs` is the longest wait that
 * earlier throttled calls have asked for; undefined if there was none.
 */
async function recordRejection(
  { budgetStore, clock, log, provider }: WeatherDeps,
  { class: kind, code, reason, afterMs = 0 }: ProviderFailure,
  about: {
    readonly breaker: CircuitBreaker;
    readonly day: string | undefined;
    readonly longestWaitMs: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { breaker, day = beijingDay(clock()), longestWaitMs = -1, signal } = about;
  if (kind !== 'quota' && kind !== 'throttled') return;
  const isShort = kind === 'throttled' && afterMs <= MAX_THROTTLE_WAIT_MS;
  const { throttledCalls } = breaker;
  if (
    kind === 'throttled' &&
    (throttledCalls === WARN_AFTER_THROTTLED_CALLS || (throttledCalls === 1 && afterMs > WARN_WAIT_MS))
  )
    log.warn(
      { provider: provider.id, code, throttledCalls, afterMs },
      `the provider throttles calls: ${reason}`,
    );
  if (isShort && afterMs > longestWaitMs) {
    const extraMs = EXTRA_WAIT_MS * (1 + Math.random());
    await retryStore(() => budgetStore.slowDown(afterMs + extraMs, signal), signal);
  }
  const until = isShort ? 0 : kind === 'quota' ? endOfBeijingDay(day) : clock() + afterMs;
  if (until > clock())
    await retryStore(() => budgetStore.closeProvider(until, `${code}: ${reason}`, signal), signal);
}

/** Returns a place of the catalogue in the form that providers expect. */
function toProviderPlace(adcode: string): ProviderPlace {
  const place = placeOf(adcode);
  const { name = adcode, latitude, longitude } = place ?? {};
  return {
    ...{ adcode, name },
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
  };
}
