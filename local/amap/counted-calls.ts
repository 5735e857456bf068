const SECOND_MS = 1_000;

/** Seconds that are remembered one by one. */
const KEPT_SECONDS = 3_600;

/** Calls that came, counted since the start or since they were last forgotten. */
export class CountedCalls {
  #total = 0;
  #most = 0;
  /** When the calls of the last second came, on a clock that only goes on. */
  #lately: number[] = [];
  readonly #bySecond = new Map<number, number>();
  readonly #byAdcode = new Map<string, number>();
  readonly #byOutcome = new Map<string, number>();

  /**
   * Counts a call as it comes, whatever becomes of it; '' where it names no city of the catalogue. `at` is in epoch ms;
   * `now`, in ms too, on a clock that only goes on.
   */
  came(adcode: string, at: number, now = performance.now()): void {
    this.#total++;
    const kept = this.#lately.findIndex((each) => each > now - SECOND_MS);
    this.#lately.splice(0, kept < 0 ? this.#lately.length : kept);
    this.#lately.push(now);
    this.#most = Math.max(this.#most, this.#lately.length);
    add(this.#bySecond, Math.floor(at / SECOND_MS));
    if (this.#bySecond.size > KEPT_SECONDS) {
      const [oldest] = this.#bySecond.keys();
      if (oldest !== undefined) this.#bySecond.delete(oldest);
    }
    add(this.#byAdcode, adcode || 'other');
  }

  /** Counts what became of it: `forecast`, `empty`, an infocode, `http-502`, `hang`, … */
  became(outcome: string): void {
    add(this.#byOutcome, outcome);
  }

  /** `mostInASecond`: the most of any second, whenever it began. */
  show(): object {
    const seconds = [...this.#bySecond].map(
      ([second, calls]) => [new Date(second * SECOND_MS).toISOString(), calls] as const,
    );
    return {
      total: this.#total,
      mostInASecond: this.#most,
      byOutcome: Object.fromEntries(this.#byOutcome),
      bySecond: Object.fromEntries(seconds),
      byAdcode: Object.fromEntries(this.#byAdcode),
    };
  }

  /** Counts from nothing. */
  forget(): void {
    this.#total = 0;
    this.#most = 0;
    this.#lately = [];
    for (const counts of [this.#bySecond, this.#byAdcode, this.#byOutcome]) counts.clear();
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
