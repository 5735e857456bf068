import { beijingDay, beijingMonth, daysLeftInMonth } from './beijing-time.ts';

/** What a provider allows; absent: as much as one likes. */
export interface CallLimits {
  readonly perSecond: number;
  readonly perDay?: number | undefined;
  readonly perMonth?: number | undefined;
}

/** What was called, and what may be called next; days and months are Beijing's. */
export interface CallBudget {
  readonly day: string;
  readonly dayCalls: number;
  readonly month: string;
  readonly monthCalls: number;
  /** The first instant (epoch ms) that is not yet somebody's. */
  readonly nextAtMs: number;
  /** The rate of now: lower than the limit after the provider has complained. */
  readonly perSecond: number;
  /** Until when (epoch ms) the provider takes nothing more, and why. */
  readonly closed?: { readonly untilMs: number; readonly because: string } | undefined;
}

/** Instants at which calls may be made: the first at `startAtMs`, each `spacingMs` after the one before. */
export interface Grant {
  readonly calls: number;
  readonly startAtMs: number;
  readonly spacingMs: number;
}

/** Calls come a little late, and not all equally: below the limit by this, no second has more than the limit. */
const SHARE = 0.95;
const SLOWEST_PER_SECOND = 0.5;
/** A slowed rate grows by so much with each grant. */
const RECOVERY = 1.05;

/** The budget as it is at an instant: a new day's and a new month's begin with nothing called. */
export function budgetAt(known: CallBudget | undefined, limits: CallLimits, nowMs: number): CallBudget {
  const [day, month] = [beijingDay(nowMs), beijingMonth(nowMs)];
  if (known === undefined)
    return { day, month, dayCalls: 0, monthCalls: 0, nextAtMs: nowMs, perSecond: limits.perSecond };
  return {
    ...{ day, dayCalls: known.day === day ? known.dayCalls : 0 },
    ...{ month, monthCalls: known.month === month ? known.monthCalls : 0 },
    ...{ nextAtMs: known.nextAtMs, perSecond: Math.min(known.perSecond, limits.perSecond) },
    ...(known.closed !== undefined && known.closed.untilMs > nowMs ? { closed: known.closed } : {}),
  };
}

/** Calls that may still be made today and this month; 0 while the provider takes nothing. */
export function callsLeft(budget: CallBudget, limits: CallLimits): number {
  if (budget.closed !== undefined) return 0;
  const today = (limits.perDay ?? Number.POSITIVE_INFINITY) - budget.dayCalls;
  const thisMonth = (limits.perMonth ?? Number.POSITIVE_INFINITY) - budget.monthCalls;
  return Math.max(0, Math.min(today, thisMonth));
}

/** What one slot may use, when `slotsLeft` of today are to come with it: what is left, shared evenly. */
export function slotAllowance(
  budget: CallBudget,
  limits: CallLimits,
  { slotsLeft, nowMs }: { slotsLeft: number; nowMs: number },
): number {
  const left = callsLeft(budget, limits);
  if (left === Number.POSITIVE_INFINITY || left === 0) return left;
  const { perDay = Number.POSITIVE_INFINITY, perMonth = Number.POSITIVE_INFINITY } = limits;
  const monthlyShare = (perMonth - budget.monthCalls + budget.dayCalls) / daysLeftInMonth(nowMs);
  const today = Math.min(perDay, monthlyShare) - budget.dayCalls;
  return Math.max(0, Math.min(left, Math.floor(today / Math.max(1, slotsLeft))));
}

/**
 * Sets aside up to `wanted` calls and the instants for them. `counted` of them were set aside before, and only their
 * instants have passed.
 */
export function reserve(
  budget: CallBudget,
  limits: CallLimits,
  { wanted, counted, nowMs }: { wanted: number; counted: number; nowMs: number },
): { readonly budget: CallBudget; readonly grant: Grant } {
  const calls = budget.closed === undefined ? Math.min(wanted, counted + callsLeft(budget, limits)) : 0;
  const spacingMs = 1_000 / (budget.perSecond * SHARE);
  const startAtMs = Math.max(nowMs, budget.nextAtMs);
  const added = Math.max(0, calls - counted);
  return {
    grant: { calls, startAtMs, spacingMs },
    budget: {
      ...budget,
      dayCalls: budget.dayCalls + added,
      monthCalls: budget.monthCalls + added,
      nextAtMs: calls === 0 ? budget.nextAtMs : Math.ceil(startAtMs + calls * spacingMs),
      perSecond: Math.min(limits.perSecond, budget.perSecond * RECOVERY),
    },
  };
}

/** After a complaint: half the rate, and nothing before `afterMs` are over. */
export const slowed = (budget: CallBudget, nowMs: number, afterMs = 0): CallBudget => ({
  ...budget,
  perSecond: Math.max(SLOWEST_PER_SECOND, budget.perSecond / 2),
  nextAtMs: Math.max(budget.nextAtMs, nowMs + afterMs),
});

/** The provider takes nothing more until then. */
export const closed = (budget: CallBudget, untilMs: number, because: string): CallBudget => ({
  ...budget,
  closed: { untilMs, because },
});
