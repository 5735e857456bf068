import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderFailure } from '../../domain/weather/provider-failure.ts';

/** A run has no sense any more when nothing was answered for so long, in so many calls. */
const STOP_AFTER_FAILING_MS = 90_000;
const STOP_AFTER_FAILED_CALLS = 20;

/** Nor when it was answered with complaints about the rate only, in as many calls, for so long, */
const STOP_AFTER_THROTTLED_MS = 5 * 60_000;
/** or when a complaint asks for a longer wait than this. */
export const MAX_THROTTLE_WAIT_MS = 10 * 60_000;

/** After so many failures in a row calls are made one by one, with waits that grow. */
const OPEN_AFTER_FAILED_CALLS = 10;
const MAX_OPEN_MS = 15_000;

/** After a complaint that says no time of its own, at least. */
const DEFAULT_THROTTLE_WAIT_MS = 400;

/**
 * A run as far as this process knows of it. Its first call is made alone: a wrong key is then one refusal for each
 * worker, and not one for each call that was under way. What stops the run, or holds it up, does so for every batch of
 * it here at once.
 */
export class CircuitBreaker {
  /** Now, in ms of any beginning. */
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

  /** What ends the run, once that is known. */
  get stopped(): ProviderFailure | undefined {
    return this.#stopped;
  }

  /** Nothing passes for the moment: what is called now is called in vain. */
  get isOpen(): boolean {
    return this.#clock() < this.#openUntil;
  }

  /** The provider seems to be away, or to take nothing: one call at a time is enough to find out. */
  get isFailing(): boolean {
    return this.#failedInARow >= OPEN_AFTER_FAILED_CALLS || this.#throttledCalls > 0;
  }

  /** Complaints about the rate since anything was answered. */
  get throttledCalls(): number {
    return this.#throttledCalls;
  }

  /** Makes the first call, or waits until it is answered; what it throws is thrown to its maker only. */
  async probeFirst(first: () => Promise<void>): Promise<void> {
    if (this.#probe === undefined) {
      const call = first();
      this.#probe = call.catch(() => undefined);
      await call;
    } else await this.#probe;
  }

  /** Waits until calls make sense again. */
  async waitUntilClosed(signal: AbortSignal): Promise<void> {
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
    // One place is refused: that is an answer.
    else this.recordSuccess();
  }

  #recordThrottled(failure: ProviderFailure): void {
    const { reason, afterMs = DEFAULT_THROTTLE_WAIT_MS * (1 + Math.random()) } = failure;
    this.#throttledCalls++;
    this.#throttledSince ??= this.#clock();
    const complainedMs = this.#clock() - this.#throttledSince;
    if (afterMs > MAX_THROTTLE_WAIT_MS)
      this.#stopped ??= {
        ...failure,
        reason: `${reason}, and asks for ${Math.round(afterMs / 60_000)} minutes without a call`,
      };
    else if (complainedMs > STOP_AFTER_THROTTLED_MS && this.#throttledCalls >= STOP_AFTER_FAILED_CALLS)
      this.#stopped ??= { ...failure, reason: stopReason(complainedMs, reason) };
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
  `nothing was answered for ${Math.round(ms / 1_000)} s, the last time: ${reason}`;

/** Runs that are kept in mind: more than can be worked on at the same time. */
const MAX_RUNS = 32;

/** The gates of the latest runs, by their run id: another attempt at a run begins anew. */
export class CircuitBreakers {
  readonly #breakers = new Map<string, CircuitBreaker>();

  of(runId: string): CircuitBreaker {
    const known = this.#breakers.get(runId);
    if (known !== undefined) return known;
    const gate = new CircuitBreaker();
    this.#breakers.set(runId, gate);
    const [oldest] = this.#breakers.keys();
    if (this.#breakers.size > MAX_RUNS && oldest !== undefined) this.#breakers.delete(oldest);
    return gate;
  }
}
