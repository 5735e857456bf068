import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { send } from '../raw-request.ts';
import { type RunningTablestore, startTablestore } from './running-tablestore.ts';
import { call, errorIn, newTable, postSigned, putRow, rowBytes } from './signed-call.ts';

let running: RunningTablestore;
before(async () => {
  running = await startTablestore();
  await call(running.endpoint, 'CreateTable', newTable('t'));
});
beforeEach(() => callControls('DELETE', '/-/faults'));
after(() => running.stop());

async function callControls(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(running.endpoint + path, {
    ...{ method, headers, signal: AbortSignal.timeout(10_000) },
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: answer.status, body: Object(await answer.json()) };
}

const set = async (...rules: readonly object[]) =>
  assert.equal((await callControls('POST', '/-/faults', { rules })).status, 200);

const list = () => postSigned(running.endpoint, '/ListTable', Buffer.alloc(0));

const keyOf = (k: string) => ({ tableName: 't', primaryKey: rowBytes({ k }, []), maxVersions: 1 });

const rowExists = async (k: string): Promise<boolean> =>
  (await call<{ row: Buffer }>(running.endpoint, 'GetRow', keyOf(k))).row.length > 0;

test('answers an error as often as its rule says, and only to matching requests', async () => {
  await set({
    operations: ['ListTable'],
    do: 'error',
    code: 'OTSServerBusy',
    status: 503,
    message: 'Busy.',
    count: 2,
  });
  await putRow(running.endpoint, 't', 'a', []);
  for (let n = 0; n < 2; n++) assert.equal(errorIn(await list()), '503 OTSServerBusy Busy.');
  assert.equal((await list()).status, 200);
  const { body } = await callControls('GET', '/-/faults');
  assert.deepEqual([body.rules[0].count, body.rules[0].left], [2, 0]);
});

test('the same seed gives the same random errors', async () => {
  const run = async (seed: number) => {
    await callControls('POST', '/-/faults', { seed, rules: [{ do: 'error', rate: 0.5 }] });
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) statuses.push((await list()).status);
    return statuses;
  };
  const first = await run(7);
  assert.deepEqual(await run(7), first);
  assert.notDeepEqual(await run(8), first);
  const failed = first.filter((status) => status === 503).length;
  assert.ok(failed >= 8 && failed <= 32, `${failed} of 40 failed`);
});

test('a delayed request is answered late and completely', async () => {
  await set({ do: 'delay', ms: 300, count: 1 });
  const begun = performance.now();
  assert.equal((await list()).status, 200);
  assert.ok(performance.now() - begun >= 295);
});

test('a truncated answer ends in the middle, but the request is carried out', async () => {
  await set({ operations: ['PutRow'], do: 'truncate', count: 1 });
  await assert.rejects(putRow(running.endpoint, 't', 'truncated', []), /terminated|aborted|fetch failed/);
  assert.equal(await rowExists('truncated'), true);
});

test('a lost request is not carried out', async () => {
  await set({ operations: ['PutRow'], do: 'lose', count: 1 });
  await assert.rejects(putRow(running.endpoint, 't', 'lost', []), /fetch failed/);
  assert.equal(await rowExists('lost'), false);
});

test('if single rows of a batch fail, only these rows are not written', async () => {
  await set({ operations: ['BatchWriteRow'], do: 'row error', code: 'OTSServerBusy', rate: 0.5 });
  const names = Array.from({ length: 20 }, (_, n) => `batched ${n}`);
  const rows = names.map((k) => ({
    type: 'PUT',
    rowChange: rowBytes({ k }, []),
    condition: { rowExistence: 'IGNORE' },
  }));
  const { tables } = await call<{ tables: { rows: { isOk: boolean; error?: { code: string } }[] }[] }>(
    ...([running.endpoint, 'BatchWriteRow', { tables: [{ tableName: 't', rows }] }] as const),
  );
  const results = tables[0]?.rows ?? [];
  assert.equal(results.length, 20);
  assert.ok(results.some(({ isOk }) => isOk) && results.some(({ isOk }) => !isOk));
  for (const [index, name] of names.entries()) {
    assert.equal(await rowExists(name), results[index]?.isOk, name);
    assert.equal(results[index]?.error?.code, results[index]?.isOk ? undefined : 'OTSServerBusy');
  }
});

test('splits a partition of a table on demand', async () => {
  const { status, body } = await callControls('POST', '/-/faults/split', { table: 't' });
  assert.equal(status, 200);
  const closed = body.partitions.filter((each: { closed: boolean }) => each.closed);
  assert.equal(closed.length, 1);
  assert.equal(
    body.partitions.filter(({ parent }: { parent?: string }) => parent === closed[0].id).length,
    2,
  );
});

test('answers an invalid request to a control endpoint, such as /-/faults, with one sentence, and changes nothing', async () => {
  await set({ do: 'delay', ms: 0 });
  const invalidRequests: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['/-/faults', '{', 400, /^the body is not JSON: /],
    ['/-/faults', [], 400, /^the body is a list; allowed: an object with rules, seed/],
    ['/-/faults', { rule: [] }, 400, /^rule is an unknown field; allowed: rules, seed$/],
    ['/-/faults', { rules: {} }, 400, /^rules is \{\}; allowed: a list of rules$/],
    ['/-/faults', { rules: [{}] }, 400, /^rules\[0\]\.do is missing; allowed: one of error, /],
    ['/-/faults', { rules: [{ do: 'burn' }] }, 400, /^rules\[0\]\.do is "burn"; allowed: one of error, /],
    ['/-/faults', { rules: [{ do: 'delay' }] }, 400, /^rules\[0\]\.ms is missing; allowed: /],
    ['/-/faults', { rules: [{ do: 'lose', ms: 5 }] }, 400, /^rules\[0\]\.ms is an unknown field; allowed: /],
    [
      '/-/faults',
      { rules: [{ do: 'error', rate: 2 }] },
      400,
      /^rules\[0\]\.rate is 2; allowed: a number from 0 to 1$/,
    ],
    ['/-/faults', { rules: [{ do: 'error', status: 200 }] }, 400, /^rules\[0\]\.status is 200; allowed: /],
    [
      '/-/faults',
      { rules: [{ do: 'error', operations: 'PutRow' }] },
      400,
      /^rules\[0\]\.operations is "PutRow"; allowed: /,
    ],
    ['/-/faults', { rules: [], seed: 1.5 }, 400, /^seed is 1.5; allowed: a whole number /],
    ['/-/faults/split', {}, 400, /^table is missing; allowed: /],
    ['/-/faults/split', { table: 'none' }, 400, /^table none does not exist$/],
    ['/-/faults/split', { table: 't', partition: 'x' }, 400, /^table t has no open partition x: use /],
    ['/-/faults/nothing', {}, 404, /^POST \/-\/faults\/nothing does not exist: use GET \/-\/faults, /],
  ];
  for (const [path, body, expected, sentence] of invalidRequests) {
    const answer = await callControls('POST', path, body);
    assert.match(answer.body.error, sentence);
    assert.equal(answer.status, expected, answer.body.error);
  }
  assert.equal((await callControls('GET', '/-/faults')).body.rules.length, 1);
});

test('answers 403 to a web page that sets faults', async () => {
  const { status, body } = await callControls(
    'POST',
    '/-/faults',
    { rules: [] },
    { origin: 'http://evil.example' },
  );
  assert.equal(status, 403);
  assert.equal(body.error, 'web pages may not set faults, but the request has origin http://evil.example');
});

test('answers 403 to a page whose host name resolves to this machine, and to a page of another site', async () => {
  for (const [headers, sentence] of [
    [
      { host: 'evil.example' },
      'the Host header must be localhost, 127.x.x.x or [::1], but is "evil.example"',
    ],
    [{ 'sec-fetch-site': 'cross-site' }, 'web pages may not set faults'],
  ] as const) {
    const { status, body } = await send(running.endpoint, '/-/faults', { headers });
    assert.deepEqual([status, JSON.parse(body.toString())], [403, { error: sentence }]);
  }
});
