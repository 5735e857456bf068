const SECOND_MS = 1_000;

/** The number of seconds for which separate counts are kept. */
const KEPT_SECONDS = 3_600;

/** Counts calls since the start or the last reset. */
export class CallCounter {
  #totalCalls = 0;
  #maxPerSecond = 0;
  /** Times of the calls of the last second, from a monotonic clock. */
  #lastSecond: number[] = [];
  readonly #bySecond = new Map<number, number>();
  readonly #byAdcode = new Map<string, number>();
  readonly #byOutcome = new Map<string, number>();

  /**
   * Counts a call when it arrives, whatever its outcome. `adcode` is '' if the call names no city of the catalogue.
   * `at` is in epoch ms. `now` is in ms, from a monotonic clock.
   */
  recordCall(adcode: string, at: number, now = performance.now()): void {
    this.#totalCalls++;
    const firstRecent = this.#lastSecond.findIndex((time) => time > now - SECOND_MS);
    this.#lastSecond.splice(0, firstRecent < 0 ? this.#lastSecond.length : firstRecent);
    this.#lastSecond.push(now);
    this.#maxPerSecond = Math.max(this.#maxPerSecond, this.#lastSecond.length);
    add(this.#bySecond, Math.floor(at / SECOND_MS));
    if (this.#bySecond.size > KEPT_SECONDS) {
      const [oldest] = this.#bySecond.keys();
      if (oldest !== undefined) this.#bySecond.delete(oldest);
    }
    add(this.#byAdcode, adcode || 'other');
  }

  /** Counts the outcome of a call: `forecast`, `empty`, an infocode, `http-502`, `hang`, … */
  recordOutcome(outcome: string): void {
    add(this.#byOutcome, outcome);
  }

  /** `mostInASecond` is the highest number of calls in any period of one second. */
  show(): object {
    const seconds = [...this.#bySecond].map(
      ([second, calls]) => [new Date(second * SECOND_MS).toISOString(), calls] as const,
    );
    return {
      total: this.#totalCalls,
      mostInASecond: this.#maxPerSecond,
      byOutcome: Object.fromEntries(this.#byOutcome),
      bySecond: Object.fromEntries(seconds),
      byAdcode: Object.fromEntries(this.#byAdcode),
    };
  }

  /** Resets all counts to 0. */
  reset(): void {
    this.#totalCalls = 0;
    this.#maxPerSecond = 0;
    this.#lastSecond = [];
    for (const counts of [this.#bySecond, this.#byAdcode, this.#byOutcome]) counts.clear();
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
