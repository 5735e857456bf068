import { beijingDay, beijingMonth, daysLeftInMonth, nextBeijingMidnight } from './beijing-time.ts';

/** The limits of a provider; an absent limit means unlimited. */
export interface CallLimits {
  readonly perSecond: number;
  readonly perDay?: number | undefined;
  readonly perMonth?: number | undefined;
}

/**
 * The calls made, and the calls that may be made next. A call counts for the day of its start time. `day` and `month`
 * are those of the next possible call, in Beijing time.
 */
export interface CallBudget {
  readonly day: string;
  readonly dayCalls: number;
  readonly month: string;
  readonly monthCalls: number;
  /** The first start time (epoch ms) that is not reserved. */
  readonly nextAtMs: number;
  /** The current rate. It is below the limit after the provider has throttled a call. */
  readonly perSecond: number;
  /** When (epoch ms) a call was last throttled; present while the rate is lowered. */
  readonly slowedAtMs?: number | undefined;
  /** Until when (epoch ms) the provider is closed, so that no calls are made, and why. */
  readonly closed?: { readonly untilMs: number; readonly because: string } | undefined;
}

/** Reserved start times for calls, all on one day: the first at `startAtMs`, then one every `spacingMs`. */
export interface CallReservation {
  readonly calls: number;
  readonly startAtMs: number;
  readonly spacingMs: number;
  /** The day (`yyyy-mm-dd`) for which the calls count. */
  readonly day?: string;
  /** Requested calls that the budget allows, but whose start times would be on the next day. They are not reserved. */
  readonly postponed?: number;
}

/**
 * The share of the rate limit that is used. Calls start late by varying delays. At a share of 1, they could exceed
 * the limit.
 */
const RATE_SHARE = 0.95;
/** The minimum rate after throttled calls, or a quarter of the limit if that is lower. */
const MIN_CALLS_PER_SECOND = 0.5;
/** A lowered rate grows by this factor with each reservation. */
const RATE_RECOVERY_FACTOR = 1.05;
/** After this time without a throttled call, a lowered rate is back at the limit. */
const RATE_RECOVERY_MS = 10 * 60 * 1_000;

/** Returns the budget at an instant. A new day or month starts with no calls made. */
export function budgetAt(known: CallBudget | undefined, limits: CallLimits, nowMs: number): CallBudget {
  if (known === undefined) {
    const counts = { day: beijingDay(nowMs), dayCalls: 0, month: beijingMonth(nowMs), monthCalls: 0 };
    return { ...counts, nextAtMs: nowMs, perSecond: limits.perSecond };
  }
  const { slowedAtMs, closed: closedState, ...rest } = known;
  const sinceSlowedMs = slowedAtMs === undefined ? undefined : Math.max(0, nowMs - slowedAtMs);
  const isSlowed = sinceSlowedMs !== undefined && sinceSlowedMs < RATE_RECOVERY_MS;
  const recovered = (limits.perSecond * (sinceSlowedMs ?? 0)) / RATE_RECOVERY_MS;
  return {
    ...advanceToDay(rest, Math.max(nowMs, known.nextAtMs)),
    perSecond: Math.min(limits.perSecond, Math.max(known.perSecond, recovered)),
    ...(isSlowed ? { slowedAtMs } : {}),
    ...(closedState !== undefined && closedState.untilMs > nowMs ? { closed: closedState } : {}),
  };
}

/** Moves the budget to the day of an instant, but never back, because calls may already be reserved for tomorrow. */
function advanceToDay(budget: CallBudget, atMs: number): CallBudget {
  const day = beijingDay(atMs);
  if (day <= budget.day) return budget;
  const month = beijingMonth(atMs);
  return { ...budget, day, dayCalls: 0, month, monthCalls: month === budget.month ? budget.monthCalls : 0 };
}

/** Returns how many calls may still be made today and this month; 0 while the provider is closed. */
export function callsLeft(budget: CallBudget, limits: CallLimits): number {
  if (budget.closed !== undefined) return 0;
  const today = (limits.perDay ?? Number.POSITIVE_INFINITY) - budget.dayCalls;
  const thisMonth = (limits.perMonth ?? Number.POSITIVE_INFINITY) - budget.monthCalls;
  return Math.max(0, Math.min(today, thisMonth));
}

/**
 * Returns how many calls one refresh slot may use: the remaining calls, divided evenly. `atMs` is the time of the
 * next possible call, on the budget's day. `slotsLeft` is the number of refresh slots left on that day, including the
 * current one.
 */
export function slotAllowance(
  budget: CallBudget,
  limits: CallLimits,
  { slotsLeft, atMs }: { slotsLeft: number; atMs: number },
): number {
  const left = callsLeft(budget, limits);
  if (left === Number.POSITIVE_INFINITY || left === 0) return left;
  const { perDay = Number.POSITIVE_INFINITY, perMonth = Number.POSITIVE_INFINITY } = limits;
  const monthlyShare = (perMonth - budget.monthCalls + budget.dayCalls) / daysLeftInMonth(atMs);
  const today = Math.min(perDay, monthlyShare) - budget.dayCalls;
  return Math.max(0, Math.min(left, Math.floor(today / Math.max(1, slotsLeft))));
}

/**
 * Reserves at most `wanted` calls and their start times, all on the day of the first one. Some of the wanted calls
 * may have been reserved before, for the day `reservedFor`, and have missed their start times. `reserved` is their
 * number. The budget has counted these calls already. It counts them once more if their new start times are on
 * another day. Reserves and postpones nothing beyond the day `until`.
 */
export function reserveCalls(
  known: CallBudget,
  limits: CallLimits,
  request: {
    readonly wanted: number;
    readonly reserved: number;
    readonly nowMs: number;
    readonly reservedFor?: string | undefined;
    readonly until?: string | undefined;
  },
): { readonly budget: CallBudget; readonly grant: CallReservation } {
  const { wanted: requestedCalls, reserved, nowMs } = request;
  const startAtMs = Math.max(nowMs, known.nextAtMs);
  const budget = advanceToDay(known, startAtMs);
  const { day, month, dayCalls, monthCalls, closed: closedState } = budget;
  const { reservedFor = day, until } = request;
  const isPastLastDay = until !== undefined && day > until;
  // Calls that were reserved for another day are counted again on this day.
  const countedToday = reservedFor === day ? Math.min(reserved, dayCalls) : 0;
  const countedThisMonth = reservedFor.startsWith(month) ? Math.min(reserved, monthCalls) : 0;
  const dayLeft = Math.max(0, (limits.perDay ?? Number.POSITIVE_INFINITY) - dayCalls);
  const monthLeft = Math.max(0, (limits.perMonth ?? Number.POSITIVE_INFINITY) - monthCalls);
  const left =
    closedState === undefined && !isPastLastDay
      ? Math.min(requestedCalls, countedToday + dayLeft, countedThisMonth + monthLeft)
      : 0;
  const spacingMs = 1_000 / (budget.perSecond * RATE_SHARE);
  const calls = Math.min(left, Math.ceil((nextBeijingMidnight(startAtMs) - startAtMs) / spacingMs));
  return {
    grant: { calls, startAtMs, spacingMs, day, postponed: day === until ? 0 : left - calls },
    budget: {
      ...budget,
      dayCalls: dayCalls + Math.max(0, calls - countedToday),
      monthCalls: monthCalls + Math.max(0, calls - countedThisMonth),
      nextAtMs: calls === 0 ? budget.nextAtMs : Math.ceil(startAtMs + calls * spacingMs),
      perSecond: Math.min(limits.perSecond, budget.perSecond * RATE_RECOVERY_FACTOR),
    },
  };
}

/** Releases reserved calls of a day that were not made: they are no longer counted. Ignores calls of a past day. */
export function releaseCalls(budget: CallBudget, calls: number, day: string): CallBudget {
  if (day !== budget.day) return budget;
  const { dayCalls, monthCalls } = budget;
  return {
    ...budget,
    ...{ dayCalls: Math.max(0, dayCalls - calls), monthCalls: Math.max(0, monthCalls - calls) },
  };
}

/** Halves the rate after a throttled call, and allows no calls for `afterMs`. */
export function slowBudget(budget: CallBudget, limits: CallLimits, nowMs: number, afterMs = 0): CallBudget {
  const slowest = Math.min(MIN_CALLS_PER_SECOND, limits.perSecond / 4);
  return {
    ...budget,
    perSecond: Math.min(budget.perSecond, Math.max(slowest, budget.perSecond / 2)),
    slowedAtMs: nowMs,
    nextAtMs: Math.max(budget.nextAtMs, nowMs + afterMs),
  };
}

/** Closes the provider until `untilMs`. */
export const closeBudget = (budget: CallBudget, untilMs: number, because: string): CallBudget => ({
  ...budget,
  closed: { untilMs, because },
});
