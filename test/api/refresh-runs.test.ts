import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { createRunCursors } from '../../api/run-cursor.ts';
import { taskQueues, workflowTypes } from '../../domain/temporal-contract.ts';
import type { RefreshResult } from '../../domain/weather/refresh-run.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { budgetsTable } from '../../ports/weather-tables.ts';
import { startTablestore } from '../local/tablestore/running-tablestore.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startReleasedWorkflows } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { type Answer, startApi, storeAt } from './running-api.ts';

const t = cleanupAfterAllTests();
let temporal: TestTemporal;
let store: TableStore;
let client: Client;
let get: (path?: string, headers?: Record<string, string>) => Promise<Answer>;
before(async () => {
  temporal = await startTemporal();
  t.after(() => temporal.stop());
  const tablestore = await startTablestore();
  t.after(tablestore.stop);
  store = await storeAt(t, tablestore.endpoint);
  const api = await startApi(t, { store, temporal: temporal.address });
  client = api.client;
  get = (query = '', headers = {}) => api.get(`/v1/refresh-runs${query}`, { headers });
});

const RESULT: RefreshResult = {
  ...{ slot: '2026-11-22T03:00:00Z', provider: 'amap', places: 10, allowance: 5, note: '' },
  ...{
    fresh: 6,
    empty: 1,
    failed: { throttled: 1, place: 1 },
    skipped: 1,
    calls: 9,
    written: 3,
    unchanged: 21,
  },
};

/** Creates a run with its result in the memo, as a worker would. No worker runs in this test. */
async function createRun(slot: string, { refresh }: { refresh?: RefreshResult } = {}): Promise<void> {
  const run = await client.workflow.start(workflowTypes.refreshWeather, {
    ...{ workflowId: `weather-refresh-${slot}`, taskQueue: taskQueues.weather },
    ...(refresh === undefined ? {} : { memo: { refresh } }),
  });
  if (refresh !== undefined) await run.terminate();
}

const untilListed = (count: number) =>
  until(`${count} runs are listed`, async () => {
    const answer = await get('?limit=100');
    assert.equal(answer.status, 200, answer.text);
    const { items } = answer.body as { items: Record<string, unknown>[] };
    return items.length >= count && items;
  });

test('without runs and budgets, the list of runs and the list of budgets are empty', async () => {
  const { status, body, headers } = await get();
  assert.equal(status, 200);
  assert.deepEqual(body, { items: [], next: null, budget: [] });
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers.etag, undefined);
});

test('a closed run has its result, an open run is marked as open', async () => {
  await createRun('2026-11-22T03:00:00Z', { refresh: RESULT });
  await createRun('2026-11-22T06:00:00Z');
  const [running, ended] = await untilListed(2);
  const { runId, startTime, closeTime, ...shownRun } = ended ?? {};
  assert.deepEqual(shownRun, {
    ...{ id: 'weather-refresh-2026-11-22T03:00:00Z', slot: '2026-11-22T03:00:00Z', status: 'terminated' },
    ...{ provider: 'amap', places: 10, allowance: 5, note: '', progress: null },
    counts: {
      ...{ fresh: 6, empty: 1, failed: { throttled: 1, place: 1 } },
      ...{ skipped: 1, calls: 9, written: 3, unchanged: 21 },
    },
  });
  assert.match(String(runId), /^[0-9a-f-]{36}$/);
  for (const time of [startTime, closeTime]) assert.ok(!Number.isNaN(Date.parse(String(time))));
  // Without a worker, progress is unknown, and the answer does not wait for it.
  const { status, closeTime: none, counts, progress } = running ?? {};
  assert.deepEqual([status, none, counts, progress], ['running', null, null, null]);
});

test('while a worker answers, an open run has its progress', async (own) => {
  const worker = await startReleasedWorkflows(temporal.address, taskQueues.weather);
  own.after(() => worker.stop());
  const run = await until('the open run has its progress', async () => {
    const [newest] = await untilListed(2);
    return newest?.progress != null && newest;
  });
  // No worker takes the activity that plans the run, so the run stays in its first phase.
  assert.deepEqual(
    [run.id, run.progress],
    [
      'weather-refresh-2026-11-22T06:00:00Z',
      { phase: 'plan', done: 0, total: 0, unit: 'places', failed: 0, note: '' },
    ],
  );
});

test('the budgets of all called providers are returned with the runs', async () => {
  await store.put(
    budgetsTable,
    { provider: 'amap' },
    {
      ...{ version: 7n, day: '2026-11-22', daycalls: 161n, month: '2026-11', monthcalls: 4_000n },
      ...{ nextat: 1_795_320_000_000n, persecond: 1.5, closeduntil: 1_795_363_200_000n },
      closedbecause: '10003: AMap rejected 110000: 10003 DAILY_QUERY_OVER_LIMIT',
    },
  );
  assert.deepEqual((await get()).body.budget, [
    {
      ...{ provider: 'amap', day: '2026-11-22', dayCalls: 161, month: '2026-11', monthCalls: 4_000 },
      ...{ perSecond: 1.5, nextCallAt: '2026-11-22T04:00:00.000Z' },
      closed: {
        until: '2026-11-22T16:00:00.000Z',
        because: '10003: AMap rejected 110000: 10003 DAILY_QUERY_OVER_LIMIT',
      },
    },
  ]);
});

test('cursors return all runs exactly once', async () => {
  for (const hour of ['09', '12', '15', '18'])
    await createRun(`2026-11-22T${hour}:00:00Z`, { refresh: RESULT });
  const all = (await untilListed(6)).map(({ id }) => id);
  const seen: unknown[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await get(`?limit=2${cursor}`);
    seen.push(...(body.items as { id: string }[]).map(({ id }) => id));
    if (body.next === null) break;
    cursor = `&cursor=${String(body.next)}`;
  }
  assert.deepEqual(seen, all);
  assert.equal(new Set(seen).size, 6);
});

test('processes with the same tokens accept each other’s cursors, but processes with other tokens do not', () => {
  const token = randomBytes(30);
  const cursor = createRunCursors(['one', 'two']).write(token);
  assert.deepEqual(createRunCursors(['one', 'two']).read(cursor), token);
  for (const tokens of [['one'], []]) assert.equal(createRunCursors(tokens).read(cursor), undefined);
  assert.equal(createRunCursors([]).read(createRunCursors([]).write(token)), undefined);
  assert.equal(createRunCursors([]).read('eA'), undefined);
});

test('answers 400 to a cursor that no page has returned', async () => {
  const { next } = (await get('?limit=1')).body;
  // The format is correct, but the signature is a plain SHA-256, which anybody can compute.
  const forged = [6, 12].map((bytes) => {
    const token = randomBytes(30);
    const check = createHash('sha256').update(token).digest().subarray(0, bytes);
    return Buffer.concat([check, token]).toString('base64url');
  });
  for (const cursor of ['eA', 'e30', `${String(next)}A`, String(next).slice(2), ...forged]) {
    const { status, body } = await get(`?cursor=${cursor}`);
    assert.equal(status, 400, JSON.stringify(body));
    const shown = cursor.length > 100 ? `${cursor.slice(0, 100)}…` : cursor;
    assert.equal(body.detail, `cursor is "${shown}": it must be the \`next\` of a page`);
  }
});

const accessCases: readonly (readonly [
  condition: string,
  tokens: string[],
  loopback: boolean,
  headers: Record<string, string>,
  status: number,
])[] = [
  ['any client reads runs from an api on loopback without tokens', [], true, {}, 200],
  [
    'a web page with DNS rebinding reads runs from an api on loopback without tokens',
    [],
    true,
    { host: 'evil.example' },
    403,
  ],
  [
    'a client without a token reads runs from an api without tokens that is not on loopback',
    [],
    false,
    {},
    401,
  ],
  [
    'a client with a token reads runs from an api without tokens that is not on loopback',
    [],
    false,
    { authorization: 'Bearer x' },
    401,
  ],
  ['a client without a token reads runs from an api with tokens', ['one', 'two'], true, {}, 401],
  [
    'a client with a wrong token reads runs from an api with tokens',
    ['one', 'two'],
    false,
    { authorization: 'Bearer three' },
    401,
  ],
  [
    'a client with the second of two tokens reads runs from an api with tokens',
    ['one', 'two'],
    false,
    { authorization: 'bearer two' },
    200,
  ],
];
for (const [condition, apiTokens, loopback, headers, status] of accessCases) {
  test(`answers ${status} if ${condition}`, async (own) => {
    const api = await startApi(own, { store, temporal: temporal.address, apiTokens, loopback });
    const answer = await api.get('/v1/refresh-runs', { headers });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined);
    if (status !== 200) assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    // All other paths are open.
    assert.equal((await api.get('/v1/cities/110000')).status, 200);
  });
}

test('while Temporal is unreachable, answers 503 to a request for refresh runs, and 200 to /readyz', async (own) => {
  const api = await startApi(own, { store, temporal: '127.0.0.1:1' });
  const began = performance.now();
  const { status, headers, body } = await api.get('/v1/refresh-runs');
  assert.equal(status, 503);
  assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
  assert.equal(body.detail, 'Temporal is not available; retry later');
  assert.ok(performance.now() - began < 3_500);
  assert.equal((await api.get('/readyz')).status, 200);
});
