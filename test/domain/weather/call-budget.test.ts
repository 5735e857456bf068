import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  budgetAt,
  type CallBudget,
  type CallLimits,
  type CallReservation,
  callsLeft,
  closeBudget,
  releaseCalls,
  reserveCalls,
  slotAllowance,
  slowBudget,
} from '../../../domain/weather/call-budget.ts';

/** Noon in Beijing on 22 November, in a month of 30 days. */
const NOON = Date.parse('2026-11-22T12:00:00+08:00');
const freshBudget = (limits: CallLimits, at = NOON): CallBudget => budgetAt(undefined, limits, at);
const usedBudget = (calls: number, limits: CallLimits = { perSecond: 10 }, at = NOON): CallBudget => ({
  ...freshBudget(limits, at),
  dayCalls: calls,
  monthCalls: calls,
});

const borders = [
  ['a second before midnight in Beijing', '2026-11-22T23:59:59+08:00', 7, 7],
  ['midnight in Beijing, 4 pm in London', '2026-11-22T16:00:00Z', 0, 7],
  ['the last second of the month in Beijing', '2026-11-30T15:59:59Z', 0, 7],
  ['the first instant of the next month in Beijing', '2026-11-30T16:00:00Z', 0, 0],
  ['the same day a year later', '2027-11-22T12:00:00+08:00', 0, 0],
] as const;
for (const [description, at, dayCalls, monthCalls] of borders)
  test(`seven calls of the 22nd count as ${dayCalls} of the day and ${monthCalls} of the month at ${description}`, () => {
    const limits = { perSecond: 10 };
    const budget = budgetAt(usedBudget(7), limits, Date.parse(at));
    assert.deepEqual([budget.dayCalls, budget.monthCalls], [dayCalls, monthCalls]);
  });

test('applies a lower limit at once, and approaches a higher one step by step', () => {
  const known = freshBudget({ perSecond: 10 });
  assert.equal(budgetAt(known, { perSecond: 3 }, NOON).perSecond, 3);
  assert.equal(budgetAt(known, { perSecond: 30 }, NOON).perSecond, 10);
});

const lefts: readonly (readonly [
  description: string,
  limits: Omit<CallLimits, 'perSecond'>,
  used: number,
  left: number,
])[] = [
  ['no limit', {}, 1_000_000, Number.POSITIVE_INFINITY],
  ['a daily limit', { perDay: 100 }, 40, 60],
  ['a monthly limit', { perMonth: 50 }, 40, 10],
  ['both limits, the monthly one nearer', { perDay: 100, perMonth: 50 }, 40, 10],
  ['both limits, the daily one nearer', { perDay: 45, perMonth: 500 }, 40, 5],
  ['a daily limit that was lowered afterwards', { perDay: 30 }, 40, 0],
];
for (const [description, limits, calls, left] of lefts)
  test(`after ${calls} calls ${left} are left with ${description}`, () =>
    assert.equal(callsLeft(usedBudget(calls), { perSecond: 10, ...limits }), left));

const shares: readonly (readonly [
  description: string,
  limits: Omit<CallLimits, 'perSecond'>,
  used: number,
  slotsLeft: number,
  allowance: number,
])[] = [
  ['no limit', {}, 0, 4, Number.POSITIVE_INFINITY],
  ['800 a day, 8 slots left', { perDay: 800 }, 0, 8, 100],
  ['800 a day, 100 used, 7 slots left', { perDay: 800 }, 100, 7, 100],
  ['10 a day, 4 slots left, rounded down', { perDay: 10 }, 0, 4, 2],
  ['800 a day, 790 used, in the last slot', { perDay: 800 }, 790, 1, 10],
  ['800 a day, 900 used, 3 slots left', { perDay: 800 }, 900, 3, 0],
  // Nine days are left, including the 22nd: 5,000 / 9 / 4.
  ['5,000 a month, none used until the 22nd', { perMonth: 5_000 }, 0, 4, 138],
  // The rest of the month and today's calls are shared by nine days: (5,000 / 9 - 400) / 4.
  ['5,000 a month, 400 used today', { perMonth: 5_000 }, 400, 4, 38],
  ['5,000 a month, 600 used today', { perMonth: 5_000 }, 600, 4, 0],
];
for (const [description, limits, calls, slotsLeft, allowance] of shares)
  test(`a slot may use ${allowance} calls with ${description}`, () =>
    assert.equal(
      slotAllowance(usedBudget(calls), { perSecond: 10, ...limits }, { slotsLeft, atMs: NOON }),
      allowance,
    ));

test('allows twenty calls a slot with a free AMap key on the first of a month', () => {
  const limits = { perSecond: 3, perMonth: 5_000 };
  const first = Date.parse('2026-11-01T00:00:00+08:00');
  assert.equal(slotAllowance(freshBudget(limits, first), limits, { slotsLeft: 8, atMs: first }), 20);
});

test('no calls are left while a provider is closed, and all calls are left afterwards', () => {
  const limits = { perSecond: 10, perDay: 100 };
  const closed = closeBudget(freshBudget(limits), NOON + 5_000, 'over');
  for (const [at, left] of [
    [NOON, 0],
    [NOON + 4_999, 0],
    [NOON + 5_000, 100],
  ] as const) {
    const budget = budgetAt(closed, limits, at);
    assert.equal(callsLeft(budget, limits), left);
    assert.equal(slotAllowance(budget, limits, { slotsLeft: 1, atMs: at }), left);
    assert.equal(
      reserveCalls(budget, limits, { wanted: 5, reserved: 2, nowMs: at }).grant.calls,
      left === 0 ? 0 : 5,
    );
  }
});

const grants: readonly (readonly [
  description: string,
  used: number,
  wanted: number,
  reserved: number,
  calls: number,
  dayCalls: number,
])[] = [
  ['all requested calls', 0, 25, 0, 25, 25],
  ['as many calls as are left', 90, 25, 0, 10, 100],
  ['no calls if none are left', 100, 25, 0, 0, 100],
  ['reserved calls without counting them again', 10, 25, 10, 25, 25],
  ['reserved calls that the day has not counted, and counts them as new calls', 5, 25, 10, 25, 25],
  ['reserved calls although no others are left', 100, 25, 10, 10, 100],
  ['no calls if none are requested', 0, 0, 0, 0, 0],
];
for (const [description, calls, wanted, reserved, granted, dayCalls] of grants)
  test(`a reservation grants ${description}`, () => {
    const limits = { perSecond: 10, perDay: 100 };
    const { grant, budget } = reserveCalls(usedBudget(calls), limits, { wanted, reserved, nowMs: NOON });
    assert.deepEqual([grant.calls, budget.dayCalls, budget.monthCalls], [granted, dayCalls, dayCalls]);
  });

for (const [description, day, calls, left] of [
  ['of the day', '2026-11-22', 4, 6],
  ['of the day before', '2026-11-21', 4, 10],
  ['of the day after', '2026-11-23', 4, 10],
  ['of the day, although only ten were counted', '2026-11-22', 11, 0],
] as const)
  test(`after releasing ${calls} calls ${description}, ${left} of 10 calls remain counted, and the start times of the released calls are not used again`, () => {
    const before = { ...usedBudget(10), nextAtMs: NOON + 5_000 };
    assert.deepEqual(releaseCalls(before, calls, day), { ...before, dayCalls: left, monthCalls: left });
  });

test('halves the rate after a throttled call, and waits as long as requested', () => {
  const limits = { perSecond: 40 };
  const slow = slowBudget(freshBudget(limits), limits, NOON, 2_000);
  assert.deepEqual([slow.perSecond, slow.nextAtMs], [20, NOON + 2_000]);
});

for (const [perSecond, once, often] of [
  [40, 20, 0.5],
  [0.8, 0.4, 0.2],
  [0.2, 0.1, 0.05],
] as const)
  test(`the first throttled call lowers a rate of ${perSecond} a second to ${once}, and many throttled calls lower it to ${often}, but never below`, () => {
    const limits = { perSecond };
    let budget = slowBudget(freshBudget(limits), limits, NOON);
    assert.equal(budget.perSecond, once);
    for (let calls = 0; calls < 20; calls++) budget = slowBudget(budget, limits, NOON);
    assert.equal(budget.perSecond, often);
    assert.equal(
      slowBudget(budget, { perSecond: 100 }, NOON).perSecond,
      often,
      'a throttled call never raises the rate',
    );
  });

test('raises a lowered rate again with each reservation', () => {
  const limits = { perSecond: 40 };
  let reservations = 0;
  let budget = slowBudget(freshBudget(limits), limits, NOON);
  for (; budget.perSecond < 40; reservations++)
    budget = reserveCalls(budget, limits, { wanted: 1, reserved: 0, nowMs: NOON }).budget;
  assert.ok(reservations > 5 && reservations < 50, `${reservations}`);
});

for (const [minutes, perSecond] of [
  [0, 0.5],
  [2.5, 10],
  [5, 20],
  [10, 40],
  [600, 40],
] as const)
  test(`${minutes} minutes after the last throttled call the rate is ${perSecond} of 40, even without calls`, () => {
    const limits = { perSecond: 40 };
    let budget = freshBudget(limits);
    for (let calls = 0; calls < 20; calls++) budget = slowBudget(budget, limits, NOON);
    assert.equal(budgetAt(budget, limits, NOON + minutes * 60_000).perSecond, perSecond);
  });

test('ends a reservation at midnight in Beijing, and postpones the other calls to the next day', () => {
  const limits = { perSecond: 1, perDay: 100 };
  const nowMs = Date.parse('2026-11-22T23:59:50+08:00');
  const { grant, budget } = reserveCalls(freshBudget(limits, nowMs), limits, {
    wanted: 25,
    reserved: 0,
    nowMs,
  });
  // Ten seconds at 0.95 calls a second, the first one at once.
  assert.deepEqual([grant.calls, grant.postponed, grant.day], [10, 15, '2026-11-22']);
  const next = reserveCalls(budget, limits, { wanted: 15, reserved: 0, nowMs });
  assert.deepEqual([next.grant.calls, next.grant.day], [15, '2026-11-23']);
  assert.ok(next.grant.startAtMs >= Date.parse('2026-11-23T00:00:00+08:00'));
  assert.deepEqual([next.budget.day, next.budget.dayCalls, next.budget.monthCalls], ['2026-11-23', 15, 25]);
  assert.equal(
    budgetAt(next.budget, limits, nowMs).dayCalls,
    15,
    'the budget includes calls reserved for tomorrow',
  );
});

for (const [description, until, calls, postponed] of [
  ['the day before', '2026-11-21', 0, 0],
  ['this day', '2026-11-22', 10, 0],
  ['the next day', '2026-11-23', 10, 15],
] as const)
  test(`ten seconds before midnight, with ${description} as the last day, ${calls} of 25 calls are reserved and ${postponed} are postponed`, () => {
    const limits = { perSecond: 1, perDay: 100 };
    const nowMs = Date.parse('2026-11-22T23:59:50+08:00');
    const request = { wanted: 25, reserved: 0, nowMs, until };
    const { grant, budget } = reserveCalls(freshBudget(limits, nowMs), limits, request);
    assert.deepEqual([grant.calls, grant.postponed, budget.dayCalls], [calls, postponed, calls]);
  });

for (const [description, reservedFor, dayCalls, monthCalls] of [
  ['the same day', '2026-11-30', 7, 7],
  ['the day before', '2026-11-29', 17, 7],
  ['the month before', '2026-10-31', 17, 17],
] as const)
  test(`after ten calls of ${description} are reserved again, the day has ${dayCalls + 10} calls and the month ${monthCalls + 10}`, () => {
    const limits = { perSecond: 10, perDay: 100, perMonth: 100 };
    const nowMs = Date.parse('2026-11-30T12:00:00+08:00');
    const known = { ...usedBudget(12, limits, nowMs), dayCalls: 7 + 10, monthCalls: 7 + 10 };
    const { budget } = reserveCalls(known, limits, { wanted: 10, reserved: 10, reservedFor, nowMs });
    assert.deepEqual([budget.dayCalls - 10, budget.monthCalls - 10], [dayCalls, monthCalls]);
  });

const instants = ({ calls, startAtMs, spacingMs }: CallReservation): number[] =>
  Array.from({ length: calls }, (_, index) => startAtMs + index * spacingMs);

test('never has more start times in a second than the limit, whatever is reserved or throttled', () => {
  const reservationCase = fc.record({
    wanted: fc.integer({ min: 0, max: 40 }),
    reserved: fc.integer({ min: 0, max: 40 }),
    passesMs: fc.integer({ min: 0, max: 3_000 }),
    throttled: fc.boolean(),
  });
  const given = [fc.integer({ min: 1, max: 400 }), fc.array(reservationCase, { maxLength: 40 })] as const;
  fc.assert(
    fc.property(...given, (perSecond, reservations) => {
      const limits = { perSecond, perDay: 500 };
      let budget: CallBudget | undefined;
      let nowMs = NOON;
      let granted = 0;
      let alreadyReserved = 0;
      const all: number[] = [];
      for (const { wanted, reserved, passesMs, throttled } of reservations) {
        nowMs += passesMs;
        const request = { wanted, reserved: Math.min(reserved, wanted, budget?.dayCalls ?? 0), nowMs };
        const reservation = reserveCalls(budgetAt(budget, limits, nowMs), limits, request);
        const made = instants(reservation.grant);
        // No reservation starts before the previous one has ended.
        assert.ok((made[0] ?? Number.POSITIVE_INFINITY) >= (all.at(-1) ?? 0));
        assert.ok((made[0] ?? nowMs) >= nowMs);
        all.push(...made);
        granted += made.length;
        alreadyReserved += Math.min(request.reserved, made.length);
        budget = throttled ? slowBudget(reservation.budget, limits, nowMs, 100) : reservation.budget;
      }
      for (const [index, at] of all.entries()) {
        const next = all[index + perSecond];
        assert.ok(next === undefined || next - at >= 1_000, `${perSecond + 1} within ${(next ?? 0) - at} ms`);
      }
      assert.equal(budget?.dayCalls ?? 0, granted - alreadyReserved);
      assert.ok((budget?.dayCalls ?? 0) <= 500);
    }),
  );
});

/**
 * A chunk of one batch: the requested calls, how many of them miss their start times, and the time since the previous
 * request.
 */
const chunk = fc.record({
  batch: fc.integer({ min: 0, max: 2 }),
  wanted: fc.integer({ min: 0, max: 30 }),
  missed: fc.integer({ min: 0, max: 10 }),
  passesMs: fc.integer({ min: 0, max: 20_000 }),
  throttledIfZero: fc.integer({ min: 0, max: 9 }),
});

for (const border of ['2026-11-23T00:00:00+08:00', '2026-12-01T00:00:00+08:00', '2027-01-01T00:00:00+08:00'])
  test(`never exceeds the limits of a day and of a month around ${border}`, () => {
    const perSecond = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0.2, 0.5, 3));
    const chunks = fc.array(chunk, { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(perSecond, chunks, fc.integer({ min: 0, max: 120_000 }), (rate, requests, beforeMs) => {
        const limits = { perSecond: rate, perDay: 60, perMonth: 90 };
        let nowMs = Date.parse(border) - beforeMs;
        let budget: CallBudget | undefined;
        const made = new Map<string, number>();
        const missedOf = new Map<number, { missed: number; reservedFor: string | undefined }>();
        for (const { batch, wanted, missed, passesMs, throttledIfZero } of requests) {
          nowMs += passesMs;
          const { missed: before = 0, reservedFor } = missedOf.get(batch) ?? {};
          const request = { wanted, reserved: Math.min(before, wanted), reservedFor, nowMs };
          const { grant, budget: next } = reserveCalls(budgetAt(budget, limits, nowMs), limits, request);
          budget = throttledIfZero === 0 ? slowBudget(next, limits, nowMs, 5_000) : next;
          const calls = instants(grant);
          // The last calls of a reservation miss their start times, and are not made.
          const kept = calls.slice(0, Math.max(0, calls.length - missed));
          missedOf.set(batch, { missed: calls.length - kept.length, reservedFor: grant.day });
          for (const at of kept) {
            const wall = new Date(at + 8 * 3_600_000).toISOString();
            for (const span of [wall.slice(0, 10), wall.slice(0, 7)])
              made.set(span, (made.get(span) ?? 0) + 1);
          }
        }
        for (const [span, calls] of made)
          assert.ok(calls <= (span.length === 10 ? 60 : 90), `${calls} calls in ${span}`);
      }),
      { numRuns: 300 },
    );
  });
