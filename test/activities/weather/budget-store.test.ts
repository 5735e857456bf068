import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BudgetStore } from '../../../activities/weather/budget-store.ts';
import { retryStore } from '../../../activities/weather/call-retries.ts';
import { createTablestoreStore } from '../../../adapters/tablestore/tablestore-store.ts';
import { Unavailable } from '../../../domain/errors.ts';
import type { CallLimits, CallReservation } from '../../../domain/weather/call-budget.ts';
import { INSTANCE, KEY_ID, SECRET, startTablestore } from '../../local/tablestore/running-tablestore.ts';

const credentials = () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET });
const neverAborted = new AbortController().signal;
/** Noon in Beijing. */
const NOON = Date.parse('2026-11-22T12:00:00+08:00');

/** Budget stores on a local Tablestore stand-in. Each has its own client, as in separate worker processes. */
async function startBudgetStores(t: TestContext, limits: CallLimits) {
  const { endpoint, makeTable, stop } = await startTablestore();
  await makeTable('budgets', ['provider']);
  const stores: { close(): void }[] = [];
  t.after(async () => {
    for (const store of stores) store.close();
    await stop();
  });
  return {
    newBudgetStore(clock: () => number = Date.now): BudgetStore {
      const store = createTablestoreStore({ endpoint, instance: INSTANCE, credentials });
      stores.push(store);
      return new BudgetStore(store, 'amap', limits, clock);
    },
    async faults(...rules: readonly object[]): Promise<void> {
      const body = JSON.stringify({ rules, seed: 7 });
      const answer = await fetch(`${endpoint}/-/faults`, { method: 'POST', body });
      assert.equal(answer.status, 200);
    },
  };
}

const windowOf = ({ calls, startAtMs, spacingMs }: CallReservation) => ({
  from: startAtMs,
  to: startAtMs + (calls - 1) * spacingMs,
});

function assertApart(grants: readonly CallReservation[]): void {
  const windows = grants.filter(({ calls }) => calls > 0).map(windowOf);
  windows.sort((one, other) => one.from - other.from);
  for (const [index, { from }] of windows.entries()) {
    const before = windows[index - 1];
    assert.ok(before === undefined || before.to < from, `${JSON.stringify(before)} reaches beyond ${from}`);
  }
}

test('gives eight concurrent callers start times that never overlap, and correct counts', async (t) => {
  const { newBudgetStore } = await startBudgetStores(t, { perSecond: 1_000, perDay: 1_900 });
  const reserver = async (number: number): Promise<CallReservation[]> => {
    const own = newBudgetStore();
    const grants: CallReservation[] = [];
    for (let turn = 0; turn < 40; turn++)
      grants.push(await retryStore(() => own.reserve(1 + ((turn + number) % 12), 0), neverAborted));
    return grants;
  };
  const grants = (await Promise.all(Array.from({ length: 8 }, (_, number) => reserver(number)))).flat();
  assert.equal(grants.length, 320);
  assertApart(grants);
  const wanted =
    8 * Array.from({ length: 40 }, (_, turn) => 1 + (turn % 12)).reduce((sum, calls) => sum + calls);
  assert.ok(wanted > 1_900, `${wanted} were requested`);
  // More calls were requested than a day has: exactly the day's calls are granted.
  assert.equal(
    grants.reduce((sum, { calls }) => sum + calls, 0),
    1_900,
  );
  const { dayCalls, monthCalls } = await newBudgetStore().readBudget();
  assert.deepEqual({ dayCalls, monthCalls }, { dayCalls: 1_900, monthCalls: 1_900 });
});

test('loses the calls of a reservation without an answer, and never grants them twice', async (t) => {
  const { newBudgetStore, faults } = await startBudgetStores(t, { perSecond: 1_000, perDay: 200 });
  const own = newBudgetStore();
  const first = await own.reserve(10, 0);
  await faults({ do: 'truncate', operations: ['PutRow'], count: 1 });
  await assert.rejects(own.reserve(10, 0), Unavailable);
  const next = await own.reserve(10, 0);
  assertApart([first, next]);
  // The rejected reservation got no answer, but its write succeeded and reserved ten calls.
  assert.equal((await own.readBudget()).dayCalls, 30);
  assert.ok(next.startAtMs >= first.startAtMs + 20 * first.spacingMs * 0.9);

  await faults({ do: 'lose', operations: ['PutRow'], count: 1 });
  await assert.rejects(own.reserve(10, 0), Unavailable);
  assert.equal((await own.readBudget()).dayCalls, 30, 'a write that did not happen reserves nothing');
});

test('never grants a call twice, although many writes to the store get no answer', async (t) => {
  const { newBudgetStore, faults } = await startBudgetStores(t, { perSecond: 1_000, perDay: 500 });
  await faults(
    { do: 'truncate', operations: ['PutRow'], rate: 0.15 },
    { do: 'lose', operations: ['PutRow'], rate: 0.1 },
  );
  const reserver = async (): Promise<CallReservation[]> => {
    const own = newBudgetStore();
    const grants: CallReservation[] = [];
    for (let turn = 0; turn < 8; turn++)
      grants.push(await retryStore(() => own.reserve(10, 0), neverAborted));
    return grants;
  };
  const grants = (await Promise.all(Array.from({ length: 4 }, reserver))).flat();
  await faults();
  assertApart(grants);
  const granted = grants.reduce((sum, { calls }) => sum + calls, 0);
  const { dayCalls } = await newBudgetStore().readBudget();
  assert.ok(granted <= dayCalls && dayCalls <= 500, `${granted} granted of ${dayCalls} reserved`);
  assert.ok(granted < dayCalls, 'no answer was lost, so the test proves nothing');
});

test('limits the calls of all workers together, for each day and each month', async (t) => {
  const { newBudgetStore } = await startBudgetStores(t, { perSecond: 10, perDay: 100, perMonth: 150 });
  assert.equal((await newBudgetStore(() => NOON).reserve(100, 0)).calls, 100);
  assert.equal((await newBudgetStore(() => NOON + 1).reserve(1, 0)).calls, 0);
  const tomorrow = Date.parse('2026-11-23T00:00:00+08:00');
  assert.equal((await newBudgetStore(() => tomorrow - 1).reserve(1, 0)).calls, 0);
  const grant = await newBudgetStore(() => tomorrow).reserve(100, 0);
  assert.deepEqual([grant.calls, grant.startAtMs], [50, tomorrow]);
  assert.equal(
    (await newBudgetStore(() => Date.parse('2026-12-01T00:00:00+08:00')).reserve(100, 0)).calls,
    100,
  );
});

test('closes a provider for all workers, and stores the reason', async (t) => {
  const { newBudgetStore } = await startBudgetStores(t, { perSecond: 10 });
  await newBudgetStore(() => NOON).closeProvider(NOON + 60_000, '10003: no calls are left');
  assert.equal((await newBudgetStore(() => NOON + 59_999).reserve(5, 0)).calls, 0);
  assert.deepEqual((await newBudgetStore(() => NOON).readBudget()).closed, {
    ...{ untilMs: NOON + 60_000, because: '10003: no calls are left' },
  });
  assert.equal((await newBudgetStore(() => NOON + 60_000).reserve(5, 0)).calls, 5);
});

test('reopens a closed provider without any other change, and does nothing if the provider is open', async (t) => {
  const { newBudgetStore } = await startBudgetStores(t, { perSecond: 40, perDay: 100 });
  const own = newBudgetStore(() => NOON);
  assert.equal(await own.reopenProvider(), undefined, 'there is no row yet');
  await own.reserve(30, 0);
  await own.slowDown(5_000);
  const before = await own.readBudget();
  await own.closeProvider(NOON + 60_000, '10003: no calls are left');
  // Other workers, with other clocks, change the budget at the same time.
  const [was, again, grant] = await Promise.all([
    newBudgetStore(() => NOON + 1).reopenProvider(),
    newBudgetStore(() => NOON + 60_000).reopenProvider(),
    newBudgetStore(() => NOON + 2).reserve(0, 0),
  ]);
  assert.deepEqual(
    [was, again],
    [{ untilMs: NOON + 60_000, because: '10003: no calls are left' }, undefined],
  );
  assert.equal(grant.calls, 0);
  const { perSecond, ...rest } = await own.readBudget();
  assert.deepEqual({ ...rest, perSecond: before.perSecond }, before);
  assert.ok(perSecond >= before.perSecond && perSecond <= before.perSecond * 1.06, `${perSecond}`);
  assert.equal((await own.reserve(10, 0)).calls, 10);
  assert.equal(await own.reopenProvider(), undefined);
});

test('slows all workers down after a throttled call', async (t) => {
  const { newBudgetStore } = await startBudgetStores(t, { perSecond: 40 });
  const before = await newBudgetStore(() => NOON).reserve(1, 0);
  await newBudgetStore(() => NOON).slowDown(5_000);
  const after = await newBudgetStore(() => NOON).reserve(1, 0);
  assert.ok(after.spacingMs > before.spacingMs * 1.9, `${before.spacingMs} to ${after.spacingMs}`);
  assert.equal(after.startAtMs, NOON + 5_000);
});

test('halves even a slow rate after a throttled call, and remembers this call for 10 minutes', async (t) => {
  const { newBudgetStore } = await startBudgetStores(t, { perSecond: 0.2 });
  await newBudgetStore(() => NOON).slowDown(0);
  const after = await newBudgetStore(() => NOON + 1_000).readBudget();
  assert.deepEqual([after.perSecond, after.slowedAtMs], [0.1, NOON]);
  await newBudgetStore(() => NOON + 2_000).reserve(1, 0);
  assert.equal((await newBudgetStore(() => NOON + 3_000).readBudget()).slowedAtMs, NOON);
  const later = await newBudgetStore(() => NOON + 600_000).readBudget();
  assert.deepEqual([later.perSecond, later.slowedAtMs], [0.2, undefined]);
});
