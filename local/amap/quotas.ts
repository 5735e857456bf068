import { dayNumberOf } from './beijing-days.ts';

const SECOND_MS = 1_000;

/** How many calls are answered: in any second, and on a day of Beijing's. */
export interface QuotaLimits {
  readonly qps?: number;
  readonly daily?: number;
}

/** Keeps limits as AMap does: only the excess is refused, and does not count. */
export class Quotas {
  #limits: QuotaLimits = {};
  /** When the calls of the last second were answered, on a clock that only goes on. */
  #recentCalls: number[] = [];
  #day = 0;
  #callsToday = 0;

  /** Sets other limits; what was answered today counts from then on anew. */
  set({ qps, daily }: QuotaLimits): void {
    this.#limits = { ...(qps === undefined ? {} : { qps }), ...(daily === undefined ? {} : { daily }) };
    this.#callsToday = 0;
  }

  /**
   * The infocode that a call is refused with; undefined where it may be answered, and counts. `at` is in epoch ms; `now`,
   * in ms too, on a clock that only goes on.
   */
  countCall(at: number, now = performance.now()): '10003' | '10021' | undefined {
    const { qps, daily } = this.#limits;
    const day = dayNumberOf(at);
    if (day !== this.#day) this.#callsToday = 0;
    this.#day = day;
    if (daily !== undefined && this.#callsToday >= daily) return '10003';
    this.#recentCalls = this.#recentCalls.filter((each) => each > now - SECOND_MS);
    if (qps !== undefined && this.#recentCalls.length >= qps) return '10021';
    if (qps !== undefined) this.#recentCalls.push(now);
    this.#callsToday++;
    return undefined;
  }
}
