import { dayNumberOf } from './beijing-days.ts';

const SECOND_MS = 1_000;

/** The highest number of calls that are answered in any second, and per day in Beijing. */
export interface QuotaLimits {
  readonly qps?: number;
  readonly daily?: number;
}

/** Enforces limits as AMap does: only calls above a limit get an error, and these calls are not counted. */
export class Quotas {
  #limits: QuotaLimits = {};
  /** Times of the calls answered in the last second, from a monotonic clock. */
  #recentCalls: number[] = [];
  #countedDay = 0;
  #callsToday = 0;

  /** Replaces the limits and resets the count of today. */
  set({ qps, daily }: QuotaLimits): void {
    this.#limits = { ...(qps === undefined ? {} : { qps }), ...(daily === undefined ? {} : { daily }) };
    this.#callsToday = 0;
  }

  /**
   * Returns undefined if a call may be answered, and counts this call. Otherwise returns the infocode of the error.
   * `at` is in epoch ms. `now` is in ms, from a monotonic clock.
   */
  admitCall(at: number, now = performance.now()): '10003' | '10021' | undefined {
    const { qps, daily } = this.#limits;
    const day = dayNumberOf(at);
    if (day !== this.#countedDay) this.#callsToday = 0;
    this.#countedDay = day;
    if (daily !== undefined && this.#callsToday >= daily) return '10003';
    this.#recentCalls = this.#recentCalls.filter((time) => time > now - SECOND_MS);
    if (qps !== undefined && this.#recentCalls.length >= qps) return '10021';
    if (qps !== undefined) this.#recentCalls.push(now);
    this.#callsToday++;
    return undefined;
  }
}
