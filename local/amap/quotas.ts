import { dayOf } from './beijing.ts';

const SECOND_MS = 1_000;

/** How many calls are answered: in any second, and on a day of Beijing's. */
export interface Limits {
  readonly qps?: number;
  readonly daily?: number;
}

/** Keeps limits as AMap does: only the excess is refused, and does not count. */
export class Quotas {
  #limits: Limits = {};
  /** When the calls of the last second were answered, on a clock that only goes on. */
  #taken: number[] = [];
  #day = 0;
  #today = 0;

  /** Sets other limits; what was answered today counts from then on anew. */
  set({ qps, daily }: Limits): void {
    this.#limits = { ...(qps === undefined ? {} : { qps }), ...(daily === undefined ? {} : { daily }) };
    this.#today = 0;
  }

  /**
   * The infocode that a call is refused with; undefined where it may be answered, and counts. `at` is in epoch ms; `now`,
   * in ms too, on a clock that only goes on.
   */
  take(at: number, now = performance.now()): '10003' | '10021' | undefined {
    const { qps, daily } = this.#limits;
    const day = dayOf(at);
    if (day !== this.#day) this.#today = 0;
    this.#day = day;
    if (daily !== undefined && this.#today >= daily) return '10003';
    this.#taken = this.#taken.filter((each) => each > now - SECOND_MS);
    if (qps !== undefined && this.#taken.length >= qps) return '10021';
    if (qps !== undefined) this.#taken.push(now);
    this.#today++;
    return undefined;
  }
}
