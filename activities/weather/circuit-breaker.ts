import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderFailure } from '../../domain/weather/provider-failure.ts';

/** A run stops if no call succeeds for this long, and at least `STOP_AFTER_FAILED_CALLS` calls in a row have failed. */
const STOP_AFTER_FAILING_MS = 90_000;
const STOP_AFTER_FAILED_CALLS = 20;

/** A run also stops if no call succeeds for this long, and at least `STOP_AFTER_FAILED_CALLS` calls were throttled. */
const STOP_AFTER_THROTTLED_MS = 5 * 60_000;
/** A run also stops if a throttled call asks for a longer wait than this. */
export const MAX_THROTTLE_WAIT_MS = 10 * 60_000;

/** After this many consecutive failures, calls are made one by one, with growing pauses. */
const OPEN_AFTER_FAILED_CALLS = 10;
/** The longest of these pauses. */
const MAX_OPEN_MS = 15_000;

/** The minimum wait after a throttled call if the provider does not say how long to wait. */
const DEFAULT_THROTTLE_WAIT_MS = 400;

/**
 * The circuit breaker of one run in this process. All batches of the run share it. The first call of a run is made
 * alone. So a wrong API key costs one failed call for each worker. If all first calls were made together, each of them
 * would fail.
 */
export class CircuitBreaker {
  /** Now, in ms since any fixed point in time. */
  readonly #clock: () => number;
  #probe: Promise<void> | undefined;
  #stopped: ProviderFailure | undefined;
  #failedInARow = 0;
  #failingSince: number | undefined;
  #throttledCalls = 0;
  #throttledSince: number | undefined;
  #openUntil = 0;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** The failure that stopped the run; undefined while the run continues. */
  get stopped(): ProviderFailure | undefined {
    return this.#stopped;
  }

  /** True while calls are paused. */
  get isOpen(): boolean {
    return this.#clock() < this.#openUntil;
  }

  /**
   * True if the provider seems unavailable, or has throttled a call since the last successful one. Then only one call
   * is in flight.
   */
  get isFailing(): boolean {
    return this.#failedInARow >= OPEN_AFTER_FAILED_CALLS || this.#throttledCalls > 0;
  }

  /** Throttled calls since the last successful one. */
  get throttledCalls(): number {
    return this.#throttledCalls;
  }

  /** Makes the first call, or waits until it has ended. Only the caller that makes the call gets its error. */
  async probeFirst(first: () => Promise<void>): Promise<void> {
    if (this.#probe === undefined) {
      const call = first();
      this.#probe = call.catch(() => undefined);
      await call;
    } else await this.#probe;
  }

  /** Waits until calls are allowed again. */
  async waitUntilCallsAllowed(signal: AbortSignal): Promise<void> {
    for (let left = this.#openUntil - this.#clock(); left > 0; left = this.#openUntil - this.#clock())
      await sleep(left, undefined, { signal });
  }

  recordSuccess(): void {
    this.#failedInARow = 0;
    this.#failingSince = undefined;
    this.#throttledCalls = 0;
    this.#throttledSince = undefined;
  }

  recordFailure(failure: ProviderFailure): void {
    if (failure.class === 'quota' || failure.class === 'configuration') this.#stopped ??= failure;
    else if (failure.class === 'throttled') this.#recordThrottled(failure);
    else if (failure.class === 'transient') this.#recordTransient(failure);
    // The provider rejects only one place, so the provider itself works.
    else this.recordSuccess();
  }

  #recordThrottled(failure: ProviderFailure): void {
    const { reason, afterMs = DEFAULT_THROTTLE_WAIT_MS * (1 + Math.random()) } = failure;
    this.#throttledCalls++;
    this.#throttledSince ??= this.#clock();
    const throttledMs = this.#clock() - this.#throttledSince;
    if (afterMs > MAX_THROTTLE_WAIT_MS)
      this.#stopped ??= {
        ...failure,
        reason: `${reason}, and asks for a pause of ${Math.round(afterMs / 60_000)} minutes`,
      };
    else if (throttledMs > STOP_AFTER_THROTTLED_MS && this.#throttledCalls >= STOP_AFTER_FAILED_CALLS)
      this.#stopped ??= { ...failure, reason: stopReason(throttledMs, reason) };
    this.#open(afterMs);
  }

  #recordTransient(failure: ProviderFailure): void {
    this.#failedInARow++;
    this.#failingSince ??= this.#clock();
    const failingMs = this.#clock() - this.#failingSince;
    if (failingMs > STOP_AFTER_FAILING_MS && this.#failedInARow >= STOP_AFTER_FAILED_CALLS)
      this.#stopped ??= { ...failure, reason: stopReason(failingMs, failure.reason) };
    if (this.#failedInARow >= OPEN_AFTER_FAILED_CALLS)
      this.#open(Math.min(MAX_OPEN_MS, Math.max(1_000, failingMs / 2)));
  }

  #open(ms: number): void {
    this.#openUntil = Math.max(this.#openUntil, this.#clock() + ms);
  }
}

const stopReason = (ms: number, reason: string): string =>
  `no call succeeded for ${Math.round(ms / 1_000)} s; the last failure: ${reason}`;

/** The number of runs whose circuit breakers are kept. Fewer runs than this are open at any time. */
const MAX_RUNS = 32;

/**
 * The circuit breakers of the latest runs, by run id. A retried run has a new run id, so it starts with a new, closed
 * circuit breaker.
 */
export class CircuitBreakers {
  readonly #breakers = new Map<string, CircuitBreaker>();

  of(runId: string): CircuitBreaker {
    const known = this.#breakers.get(runId);
    if (known !== undefined) return known;
    const breaker = new CircuitBreaker();
    this.#breakers.set(runId, breaker);
    const [oldest] = this.#breakers.keys();
    if (this.#breakers.size > MAX_RUNS && oldest !== undefined) this.#breakers.delete(oldest);
    return breaker;
  }
}
