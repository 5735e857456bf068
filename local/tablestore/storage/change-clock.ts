import type { Databases } from './databases.ts';

/**
 * Timestamps of changes, in µs. They increase strictly, also after a restart and if the machine's clock is set back.
 */
export class ChangeClock {
  readonly #databases: Databases;
  readonly #clock: () => number;
  #lastTimestamp: number;

  constructor(databases: Databases, clock: () => number) {
    this.#databases = databases;
    this.#clock = clock;
    this.#lastTimestamp = databases.counters.get('clock') ?? 0;
  }

  /** Returns the current time in ms. */
  nowMs(): number {
    return Math.trunc(this.#clock());
  }

  /**
   * Returns the current time in µs. It is not below any earlier timestamp of a change, and it is below all later ones.
   */
  now(): number {
    this.#lastTimestamp = Math.max(this.nowMs() * 1000, this.#lastTimestamp);
    return this.#lastTimestamp;
  }

  /** Returns a timestamp for a change. Must be called in the transaction of the change. */
  next(): number {
    this.#lastTimestamp = Math.max(this.nowMs() * 1000, this.#lastTimestamp + 1);
    this.#databases.counters.putSync('clock', this.#lastTimestamp);
    return this.#lastTimestamp;
  }
}
