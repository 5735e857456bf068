import type { Databases } from './databases.ts';

/**
 * Timestamps of changes, in µs. They increase strictly, also after a restart and if the machine's clock is set back.
 */
export class Clocks {
  readonly #databases: Databases;
  readonly #clock: () => number;
  #last: number;

  constructor(databases: Databases, clock: () => number) {
    this.#databases = databases;
    this.#clock = clock;
    this.#last = databases.counters.get('clock') ?? 0;
  }

  /** Returns the current time in ms. */
  nowMs(): number {
    return Math.trunc(this.#clock());
  }

  /** Returns the current time in µs: not below any earlier timestamp, and below all later ones. */
  now(): number {
    this.#last = Math.max(this.nowMs() * 1000, this.#last);
    return this.#last;
  }

  /** Returns a timestamp for a change. Must be called in the transaction of the change. */
  next(): number {
    this.#last = Math.max(this.nowMs() * 1000, this.#last + 1);
    this.#databases.counters.putSync('clock', this.#last);
    return this.#last;
  }
}
