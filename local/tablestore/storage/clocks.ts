import type { Databases } from './databases.ts';

/**
 * Timestamps of changes, in µs: strictly increasing, also after a restart and where the machine's clock is set back.
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

  /** Now, in ms. */
  nowMs(): number {
    return Math.trunc(this.#clock());
  }

  /** Now, in µs: not below any timestamp given before, and below all that are given later. */
  now(): number {
    this.#last = Math.max(this.nowMs() * 1000, this.#last);
    return this.#last;
  }

  /** A timestamp for a change; to be called in the change's transaction. */
  next(): number {
    this.#last = Math.max(this.nowMs() * 1000, this.#last + 1);
    this.#databases.counters.putSync('clock', this.#last);
    return this.#last;
  }
}
