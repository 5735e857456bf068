import { beijingDay, beijingMonth, daysLeftInMonth, nextBeijingMidnight } from './beijing-time.ts';

/** What a provider allows; absent: as much as one likes. */
export interface CallLimits {
  readonly perSecond: number;
  readonly perDay?: number | undefined;
  readonly perMonth?: number | undefined;
}

/**
 * What was called, and what may be called next. Days and months are Beijing's, and those in which the next call can be
 * made: a call counts for the day of its instant.
 */
export interface CallBudget {
  readonly day: string;
  readonly dayCalls: number;
  readonly month: string;
  readonly monthCalls: number;
  /** The first instant (epoch ms) that is not yet somebody's. */
  readonly nextAtMs: number;
  /** The rate of now: lower than the limit after the provider has complained. */
  readonly perSecond: number;
  /** When (epoch ms) it complained last, while that slows the rate. */
  readonly slowedAtMs?: number | undefined;
  /** Until when (epoch ms) the provider takes nothing more, and why. */
  readonly closed?: { readonly untilMs: number; readonly because: string } | undefined;
}

/** Instants of one day at which calls may be made: the first at `startAtMs`, each `spacingMs` after the one before. */
export interface CallReservation {
  readonly calls: number;
  readonly startAtMs: number;
  readonly spacingMs: number;
  /** The day (`yyyy-mm-dd`) for which they count. */
  readonly day?: string;
  /** So many more were left, and wanted, whose instants would lie in the day after: to be asked for again. */
  readonly postponed?: number;
}

/** Calls come a little late, and not all equally: below the limit by this, no second has more than the limit. */
const RATE_SHARE = 0.95;
/** However often is complained: no slower than this, or a quarter of a limit that is low itself. */
const MIN_CALLS_PER_SECOND = 0.5;
/** A slowed rate grows by so much with each grant, */
const RATE_RECOVERY_FACTOR = 1.05;
/** and is at the limit again after so long without a complaint. */
const RATE_RECOVERY_MS = 10 * 60 * 1_000;

/** The budget as it is at an instant: a new day's and a new month's begin with nothing called. */
export function budgetAt(known: CallBudget | undefined, limits: CallLimits, nowMs: number): CallBudget {
  if (known === undefined) {
    const counts = { day: beijingDay(nowMs), dayCalls: 0, month: beijingMonth(nowMs), monthCalls: 0 };
    return { ...counts, nextAtMs: nowMs, perSecond: limits.perSecond };
  }
  const { slowedAtMs, closed: end, ...rest } = known;
  const quietMs = slowedAtMs === undefined ? undefined : Math.max(0, nowMs - slowedAtMs);
  const isSlowed = quietMs !== undefined && quietMs < RATE_RECOVERY_MS;
  const recovered = (limits.perSecond * (quietMs ?? 0)) / RATE_RECOVERY_MS;
  return {
    ...advanceToDay(rest, Math.max(nowMs, known.nextAtMs)),
    perSecond: Math.min(limits.perSecond, Math.max(known.perSecond, recovered)),
    ...(isSlowed ? { slowedAtMs } : {}),
    ...(end !== undefined && end.untilMs > nowMs ? { closed: end } : {}),
  };
}

/** Goes on to the day of an instant, and never back: what is set aside for tomorrow stays so for who asks today. */
function advanceToDay(budget: CallBudget, atMs: number): CallBudget {
  const day = beijingDay(atMs);
  if (day <= budget.day) return budget;
  const month = beijingMonth(atMs);
  return { ...budget, day, dayCalls: 0, month, monthCalls: month === budget.month ? budget.monthCalls : 0 };
}

/** Calls that may still be made today and this month; 0 while the provider takes nothing. */
export function callsLeft(budget: CallBudget, limits: CallLimits): number {
  if (budget.closed !== undefined) return 0;
  const today = (limits.perDay ?? Number.POSITIVE_INFINITY) - budget.dayCalls;
  const thisMonth = (limits.perMonth ?? Number.POSITIVE_INFINITY) - budget.monthCalls;
  return Math.max(0, Math.min(today, thisMonth));
}

/**
 * What one slot may use: what is left, shared evenly. `atMs` is when the next call can be made, on the budget's day, of
 * which `slotsLeft` are to come, this one included.
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
 * Sets aside up to `wanted` calls and the instants for them, up to the end of the day of the first. `counted` of them
 * were set aside before, for the day `countedOn`, and only their instants have passed: they count anew in another day.
 * None after the day `until`, and none is postponed beyond it.
 */
export function reserveCalls(
  known: CallBudget,
  limits: CallLimits,
  asked: {
    readonly wanted: number;
    readonly counted: number;
    readonly nowMs: number;
    readonly countedOn?: string | undefined;
    readonly until?: string | undefined;
  },
): { readonly budget: CallBudget; readonly grant: CallReservation } {
  const { wanted, counted, nowMs } = asked;
  const startAtMs = Math.max(nowMs, known.nextAtMs);
  const budget = advanceToDay(known, startAtMs);
  const { day, month, dayCalls, monthCalls, closed: end } = budget;
  const { countedOn = day, until } = asked;
  const isOver = until !== undefined && day > until;
  // What this day does not know of was counted in another.
  const ofDay = countedOn === day ? Math.min(counted, dayCalls) : 0;
  const ofMonth = countedOn.startsWith(month) ? Math.min(counted, monthCalls) : 0;
  const dayLeft = Math.max(0, (limits.perDay ?? Number.POSITIVE_INFINITY) - dayCalls);
  const monthLeft = Math.max(0, (limits.perMonth ?? Number.POSITIVE_INFINITY) - monthCalls);
  const left = end === undefined && !isOver ? Math.min(wanted, ofDay + dayLeft, ofMonth + monthLeft) : 0;
  const spacingMs = 1_000 / (budget.perSecond * RATE_SHARE);
  const calls = Math.min(left, Math.ceil((nextBeijingMidnight(startAtMs) - startAtMs) / spacingMs));
  return {
    grant: { calls, startAtMs, spacingMs, day, postponed: day === until ? 0 : left - calls },
    budget: {
      ...budget,
      dayCalls: dayCalls + Math.max(0, calls - ofDay),
      monthCalls: monthCalls + Math.max(0, calls - ofMonth),
      nextAtMs: calls === 0 ? budget.nextAtMs : Math.ceil(startAtMs + calls * spacingMs),
      perSecond: Math.min(limits.perSecond, budget.perSecond * RATE_RECOVERY_FACTOR),
    },
  };
}

/** Calls that were set aside for a day, and never made, are its own again; not those of a day that is gone by. */
export function returnCalls(budget: CallBudget, calls: number, day: string): CallBudget {
  if (day !== budget.day) return budget;
  const { dayCalls, monthCalls } = budget;
  return {
    ...budget,
    ...{ dayCalls: Math.max(0, dayCalls - calls), monthCalls: Math.max(0, monthCalls - calls) },
  };
}

/** After a complaint: half the rate, and nothing before `afterMs` are over. */
export function slowBudget(budget: CallBudget, limits: CallLimits, nowMs: number, afterMs = 0): CallBudget {
  const slowest = Math.min(MIN_CALLS_PER_SECOND, limits.perSecond / 4);
  return {
    ...budget,
    perSecond: Math.min(budget.perSecond, Math.max(slowest, budget.perSecond / 2)),
    slowedAtMs: nowMs,
    nextAtMs: Math.max(budget.nextAtMs, nowMs + afterMs),
  };
}

/** The provider takes nothing more until then. */
export const closeBudget = (budget: CallBudget, untilMs: number, because: string): CallBudget => ({
  ...budget,
  closed: { untilMs, because },
});
