import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../../domain/weather/provider-failure.ts';

/** A run has no sense any more when nothing was answered for so long, in so many calls. */
const HOPELESS_MS = 90_000;
const HOPELESS_CALLS = 20;

/** Nor when it was answered with complaints about the rate only, in as many calls, for so long, */
const THROTTLED_MS = 5 * 60_000;
/** or when a complaint asks for a longer wait than this. */
export const LONGEST_WAIT_MS = 10 * 60_000;

/** After so many failures in a row calls are made one by one, with waits that grow. */
const FAILING_CALLS = 10;
const LONGEST_PAUSE_MS = 15_000;

/** After a complaint that says no time of its own, at least. */
const RELIEF_MS = 400;

/**
 * A run as far as this process knows of it. Its first call is made alone: a wrong key is then one refusal for each
 * worker, and not one for each call that was under way. What stops the run, or holds it up, does so for every batch of
 * it here at once.
 */
export class RunGate {
  /** Now, in ms of any beginning. */
  readonly #clock: () => number;
  #proof: Promise<void> | undefined;
  #stopped: Failure | undefined;
  #failedInARow = 0;
  #failingSince: number | undefined;
  #complaints = 0;
  #complainedSince: number | undefined;
  #heldUntil = 0;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** What ends the run, once that is known. */
  get stopped(): Failure | undefined {
    return this.#stopped;
  }

  /** Nothing passes for the moment: what is called now is called in vain. */
  get held(): boolean {
    return this.#clock() < this.#heldUntil;
  }

  /** The provider seems to be away, or to take nothing: one call at a time is enough to find out. */
  get failing(): boolean {
    return this.#failedInARow >= FAILING_CALLS || this.#complaints > 0;
  }

  /** Complaints about the rate since anything was answered. */
  get complaints(): number {
    return this.#complaints;
  }

  /** Makes the first call, or waits until it is answered; what it throws is thrown to its maker only. */
  async proven(first: () => Promise<void>): Promise<void> {
    if (this.#proof === undefined) {
      const call = first();
      this.#proof = call.catch(() => undefined);
      await call;
    } else await this.#proof;
  }

  /** Waits until calls make sense again. */
  async calm(signal: AbortSignal): Promise<void> {
    for (let left = this.#heldUntil - this.#clock(); left > 0; left = this.#heldUntil - this.#clock())
      await sleep(left, undefined, { signal });
  }

  succeeded(): void {
    this.#failedInARow = 0;
    this.#failingSince = undefined;
    this.#complaints = 0;
    this.#complainedSince = undefined;
  }

  failed(failure: Failure): void {
    if (failure.class === 'quota' || failure.class === 'configuration') this.#stopped ??= failure;
    else if (failure.class === 'throttled') this.#complainedAgain(failure);
    else if (failure.class === 'transient') this.#failedAgain(failure);
    // One place is refused: that is an answer.
    else this.succeeded();
  }

  #complainedAgain(failure: Failure): void {
    const { reason, afterMs = RELIEF_MS * (1 + Math.random()) } = failure;
    this.#complaints++;
    this.#complainedSince ??= this.#clock();
    const complainedMs = this.#clock() - this.#complainedSince;
    if (afterMs > LONGEST_WAIT_MS)
      this.#stopped ??= {
        ...failure,
        reason: `${reason}, and asks for ${Math.round(afterMs / 60_000)} minutes without a call`,
      };
    else if (complainedMs > THROTTLED_MS && this.#complaints >= HOPELESS_CALLS)
      this.#stopped ??= { ...failure, reason: hopeless(complainedMs, reason) };
    this.#hold(afterMs);
  }

  #failedAgain(failure: Failure): void {
    this.#failedInARow++;
    this.#failingSince ??= this.#clock();
    const failingMs = this.#clock() - this.#failingSince;
    if (failingMs > HOPELESS_MS && this.#failedInARow >= HOPELESS_CALLS)
      this.#stopped ??= { ...failure, reason: hopeless(failingMs, failure.reason) };
    if (this.#failedInARow >= FAILING_CALLS)
      this.#hold(Math.min(LONGEST_PAUSE_MS, Math.max(1_000, failingMs / 2)));
  }

  #hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock() + ms);
  }
}

const hopeless = (ms: number, reason: string): string =>
  `nothing was answered for ${Math.round(ms / 1_000)} s, the last time: ${reason}`;

/** Runs that are kept in mind: more than can be worked on at the same time. */
const RUNS = 32;

/** The gates of the latest runs, by their run id: another attempt at a run begins anew. */
export class RunGates {
  readonly #gates = new Map<string, RunGate>();

  of(runId: string): RunGate {
    const known = this.#gates.get(runId);
    if (known !== undefined) return known;
    const gate = new RunGate();
    this.#gates.set(runId, gate);
    const [oldest] = this.#gates.keys();
    if (this.#gates.size > RUNS && oldest !== undefined) this.#gates.delete(oldest);
    return gate;
  }
}
