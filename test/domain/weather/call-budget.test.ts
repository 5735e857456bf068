import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  budgetAt,
  type CallBudget,
  type CallLimits,
  callsLeft,
  closed,
  type Grant,
  reserve,
  slotAllowance,
  slowed,
} from '../../../domain/weather/call-budget.ts';

/** Noon in Beijing on the 22nd of November, a month of 30 days. */
const NOON = Date.parse('2026-11-22T12:00:00+08:00');
const fresh = (limits: CallLimits, at = NOON): CallBudget => budgetAt(undefined, limits, at);
const used = (calls: number, limits: CallLimits = { perSecond: 10 }, at = NOON): CallBudget => ({
  ...fresh(limits, at),
  dayCalls: calls,
  monthCalls: calls,
});

const borders = [
  ['a second before midnight in Beijing', '2026-11-22T23:59:59+08:00', 7, 7],
  ['midnight in Beijing, when in London it is 4 pm', '2026-11-22T16:00:00Z', 0, 7],
  ['the last second of the month in Beijing', '2026-11-30T15:59:59Z', 0, 7],
  ['the first instant of the next month in Beijing', '2026-11-30T16:00:00Z', 0, 0],
  ['the same day a year on', '2027-11-22T12:00:00+08:00', 0, 0],
] as const;
for (const [what, at, dayCalls, monthCalls] of borders)
  test(`seven calls of the 22nd count as ${dayCalls} of the day and ${monthCalls} of the month at ${what}`, () => {
    const limits = { perSecond: 10 };
    const budget = budgetAt(used(7), limits, Date.parse(at));
    assert.deepEqual([budget.dayCalls, budget.monthCalls], [dayCalls, monthCalls]);
  });

test('a lower limit than the noted rate holds at once, and a higher one is come to by and by', () => {
  const noted = fresh({ perSecond: 10 });
  assert.equal(budgetAt(noted, { perSecond: 3 }, NOON).perSecond, 3);
  assert.equal(budgetAt(noted, { perSecond: 30 }, NOON).perSecond, 10);
});

const lefts: readonly (readonly [
  what: string,
  limits: Omit<CallLimits, 'perSecond'>,
  used: number,
  left: number,
])[] = [
  ['no limit', {}, 1_000_000, Number.POSITIVE_INFINITY],
  ['a day’s', { perDay: 100 }, 40, 60],
  ['a month’s', { perMonth: 50 }, 40, 10],
  ['both, the month’s nearer', { perDay: 100, perMonth: 50 }, 40, 10],
  ['both, the day’s nearer', { perDay: 45, perMonth: 500 }, 40, 5],
  ['one that was lowered since', { perDay: 30 }, 40, 0],
];
for (const [what, limits, calls, left] of lefts)
  test(`after ${calls} calls ${left} are left of ${what}`, () =>
    assert.equal(callsLeft(used(calls), { perSecond: 10, ...limits }), left));

const shares: readonly (readonly [
  what: string,
  limits: Omit<CallLimits, 'perSecond'>,
  used: number,
  slotsLeft: number,
  allowance: number,
])[] = [
  ['no limit', {}, 0, 4, Number.POSITIVE_INFINITY],
  ['a day’s 800, 8 slots to come', { perDay: 800 }, 0, 8, 100],
  ['a day’s 800 of which 100 are used, 7 to come', { perDay: 800 }, 100, 7, 100],
  ['what does not divide evenly', { perDay: 10 }, 0, 4, 2],
  ['the day’s last slot', { perDay: 800 }, 790, 1, 10],
  ['an overdrawn day', { perDay: 800 }, 900, 3, 0],
  // Nine days are left, the 22nd among them: 5,000 / 9 / 4.
  ['a month’s 5,000, unused until the 22nd', { perMonth: 5_000 }, 0, 4, 138],
  // What is left, and what today has used already, shared by nine days: 5,000 / 9 - 400 by 4.
  ['the same after 400 of today', { perMonth: 5_000 }, 400, 4, 38],
  ['the same after 600 of today', { perMonth: 5_000 }, 600, 4, 0],
];
for (const [what, limits, calls, slotsLeft, allowance] of shares)
  test(`a slot may use ${allowance} calls of ${what}`, () =>
    assert.equal(
      slotAllowance(used(calls), { perSecond: 10, ...limits }, { slotsLeft, nowMs: NOON }),
      allowance,
    ));

test('a free key of AMap comes to twenty calls a slot on the first of a month', () => {
  const limits = { perSecond: 3, perMonth: 5_000 };
  const first = Date.parse('2026-11-01T00:00:00+08:00');
  assert.equal(slotAllowance(fresh(limits, first), limits, { slotsLeft: 8, nowMs: first }), 20);
});

test('a closed provider has no call left until the instant that was said, and then all of them', () => {
  const limits = { perSecond: 10, perDay: 100 };
  const shut = closed(fresh(limits), NOON + 5_000, 'over');
  for (const [at, left] of [
    [NOON, 0],
    [NOON + 4_999, 0],
    [NOON + 5_000, 100],
  ] as const) {
    const budget = budgetAt(shut, limits, at);
    assert.equal(callsLeft(budget, limits), left);
    assert.equal(slotAllowance(budget, limits, { slotsLeft: 1, nowMs: at }), left);
    assert.equal(
      reserve(budget, limits, { wanted: 5, counted: 2, nowMs: at }).grant.calls,
      left === 0 ? 0 : 5,
    );
  }
});

const grants: readonly (readonly [
  what: string,
  used: number,
  wanted: number,
  counted: number,
  calls: number,
  dayCalls: number,
])[] = [
  ['all that are wanted', 0, 25, 0, 25, 25],
  ['as many as are left', 90, 25, 0, 10, 100],
  ['none when none is left', 100, 25, 0, 0, 100],
  ['those that were counted before without counting them again', 0, 25, 10, 25, 15],
  ['those that were counted before when no other is left', 100, 25, 10, 10, 100],
  ['nothing for nothing', 0, 0, 0, 0, 0],
];
for (const [what, calls, wanted, counted, granted, dayCalls] of grants)
  test(`a reservation is given ${what}`, () => {
    const limits = { perSecond: 10, perDay: 100 };
    const { grant, budget } = reserve(used(calls), limits, { wanted, counted, nowMs: NOON });
    assert.deepEqual([grant.calls, budget.dayCalls, budget.monthCalls], [granted, dayCalls, dayCalls]);
  });

test('a complaint halves the rate, waits as long as was asked, and is forgotten by and by', () => {
  const limits = { perSecond: 40 };
  const slow = slowed(fresh(limits), NOON, 2_000);
  assert.deepEqual([slow.perSecond, slow.nextAtMs], [20, NOON + 2_000]);
  let budget = slow;
  for (let complaints = 0; complaints < 20; complaints++) budget = slowed(budget, NOON);
  assert.equal(budget.perSecond, 0.5);
  let reservations = 0;
  for (budget = slow; budget.perSecond < 40; reservations++)
    budget = reserve(budget, limits, { wanted: 1, counted: 0, nowMs: NOON }).budget;
  assert.ok(reservations > 5 && reservations < 50, `${reservations}`);
});

const instants = ({ calls, startAtMs, spacingMs }: Grant): number[] =>
  Array.from({ length: calls }, (_, index) => startAtMs + index * spacingMs);

test('whoever reserves, and whatever is complained of, no second has more instants than the limit', () => {
  const reservation = fc.record({
    wanted: fc.integer({ min: 0, max: 40 }),
    counted: fc.integer({ min: 0, max: 40 }),
    passesMs: fc.integer({ min: 0, max: 3_000 }),
    complains: fc.boolean(),
  });
  const given = [fc.integer({ min: 1, max: 400 }), fc.array(reservation, { maxLength: 40 })] as const;
  fc.assert(
    fc.property(...given, (perSecond, reservations) => {
      const limits = { perSecond, perDay: 500 };
      let budget: CallBudget | undefined;
      let nowMs = NOON;
      let granted = 0;
      let recounted = 0;
      const all: number[] = [];
      for (const { wanted, counted, passesMs, complains } of reservations) {
        nowMs += passesMs;
        const asked = { wanted, counted: Math.min(counted, wanted), nowMs };
        const reserved = reserve(budgetAt(budget, limits, nowMs), limits, asked);
        const made = instants(reserved.grant);
        // Nobody's window begins before the one before it has ended.
        assert.ok((made[0] ?? Number.POSITIVE_INFINITY) >= (all.at(-1) ?? 0));
        assert.ok((made[0] ?? nowMs) >= nowMs);
        all.push(...made);
        granted += made.length;
        recounted += Math.min(asked.counted, made.length);
        budget = complains ? slowed(reserved.budget, nowMs, 100) : reserved.budget;
      }
      for (const [index, at] of all.entries()) {
        const next = all[index + perSecond];
        assert.ok(next === undefined || next - at >= 1_000, `${perSecond + 1} within ${(next ?? 0) - at} ms`);
      }
      assert.equal(budget?.dayCalls ?? 0, granted - recounted);
      assert.ok((budget?.dayCalls ?? 0) <= 500);
    }),
  );
});
