import assert from 'node:assert/strict';
import { globalAgent } from 'node:http';
import { test } from 'node:test';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { startRelay } from './relay.ts';
import { accessKeys, all, startTestStore, thrownBy, weather } from './test-store.ts';

const key = { adcode: '110000', date: '2026-11-22' };
const day = (index: number) => ({ adcode: '110000', date: `d${String(index).padStart(4, '0')}` });
const puts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ do: 'put', key: day(index), columns: {} }) as const);
const isUnavailable = (error: unknown, type: string): void => {
  assert.ok(error instanceof Unavailable, String(error));
  assert.equal(error.type, type, error.message);
};

test('if a store is busy for half of the calls, calls are retried until all rows are written', {
  timeout: 300_000,
}, async (t) => {
  const { store, faults } = await startTestStore(t);
  await faults({ do: 'error', code: 'OTSServerBusy', status: 503, rate: 0.5 });
  const outcomes = await store.writeMany(weather, puts(650));
  assert.ok(outcomes.every(({ outcome }) => outcome === 'written'));
  assert.equal(await store.put(weather, key, { revision: 1n }, { when: { row: 'absent' } }), 'written');
  const rows = await all(store.range(weather));
  assert.equal(rows.length, 651);
  const wanted = Array.from({ length: 250 }, (_, index) => day(index));
  assert.ok((await store.getMany(weather, wanted)).every((row) => row !== undefined));
});

test('if a store stays busy, a call fails at its deadline as Unavailable with the store’s code', async (t) => {
  const { createStore, faults } = await startTestStore(t);
  const store = createStore({ totalMs: 1_000 });
  await faults({ do: 'error', code: 'OTSServerBusy', status: 503, message: 'Server is busy.' });
  const began = performance.now();
  const error = await thrownBy(store.get(weather, key));
  assert.ok(performance.now() - began < 5_000);
  isUnavailable(error, 'OTSServerBusy');
  assert.match(
    String(error),
    /reading weather adcode=110000,date=2026-11-22: OTSServerBusy: Server is busy\./,
  );
});

for (const fault of [{ do: 'truncate' }, { do: 'lose' }, { do: 'error', code: 'OTSTimeout', status: 503 }]) {
  const name = fault.code ?? fault.do;
  test(`after "${name}" reads and plain writes are retried, conditional writes and increments are not`, async (t) => {
    const { endpoint, createStore, faults } = await startTestStore(t);
    const relay = await startRelay(t, endpoint);
    // The relay would hide faults of the connection itself.
    const store = createStore(fault.code === undefined ? {} : { endpoint: relay.endpoint });
    const began = performance.now();
    const type = fault.code ?? 'NoAnswer';
    const once = () => faults({ ...fault, count: 1 });

    await once();
    assert.equal(await store.put(weather, key, { revision: 1n }), 'written');
    await once();
    assert.equal((await store.get(weather, key))?.columns.revision, 1n);
    await once();
    assert.equal((await all(store.range(weather))).length, 1);
    await once();
    assert.equal((await store.getMany(weather, [key])).length, 1);

    await once();
    const when = { columns: { column: 'revision', is: '=', value: 1n, ifMissing: 'unmet' } } as const;
    isUnavailable(await thrownBy(store.put(weather, key, { revision: 2n }, { when })), type);
    await once();
    isUnavailable(await thrownBy(store.update(weather, key, { add: { revision: 1n } })), type);

    await once();
    const [plain, adding] = await store.writeMany(weather, [
      { do: 'put', key: day(1), columns: {} },
      { do: 'update', key: day(2), add: { revision: 1n } },
    ]);
    assert.equal(plain?.outcome, 'written');
    assert.ok(adding?.outcome === 'failed');
    isUnavailable(adding.error, type);
    assert.ok(performance.now() - began < 4_000, 'a broken answer is found at once, not by the deadline');
  });
}

test('an attempt without an answer ends at its deadline, and reads are retried', async (t) => {
  const { createStore, faults } = await startTestStore(t);
  const store = createStore({ tryMs: 300, totalMs: 1_500 });
  await faults({ do: 'delay', ms: 5_000, count: 1 });
  assert.equal(await store.get(weather, key), undefined);
  await faults({ do: 'delay', ms: 5_000 });
  const began = performance.now();
  const error = await thrownBy(store.get(weather, key));
  const took = performance.now() - began;
  isUnavailable(error, 'NoAnswer');
  assert.match(String(error), /no answer within \d+ ms/);
  assert.ok(took > 1_000 && took < 3_000, `${took} ms`);
});

test('only the failed rows of a batch are retried, and rejected rows are reported by index', async (t) => {
  const { endpoint, createStore, faults } = await startTestStore(t);
  const relay = await startRelay(t, endpoint);
  const store = createStore({ endpoint: relay.endpoint });
  const bodies = () => relay.received.map(({ body }) => body.toString('latin1').match(/d\d{4}/g)?.length);

  await faults({ do: 'row error', code: 'OTSRowOperationConflict', message: 'Conflict.', count: 3 });
  const outcomes = await store.writeMany(weather, puts(10));
  assert.ok(outcomes.every(({ outcome }) => outcome === 'written'));
  assert.deepEqual(bodies(), [10, 3]);
  assert.equal((await all(store.range(weather))).length, 10);

  relay.received.length = 0;
  await faults({ do: 'row error', code: 'OTSOutOfRowSizeLimit', message: 'Too large.', count: 1 });
  const [first, ...others] = await store.writeMany(weather, puts(3));
  assert.ok(first?.outcome === 'failed' && first.error instanceof InvalidInput);
  assert.equal(
    first.error.message,
    'putting weather adcode=110000,date=d0000: OTSOutOfRowSizeLimit: Too large.',
  );
  assert.deepEqual(others, [{ outcome: 'written' }, { outcome: 'written' }]);
  assert.deepEqual(bodies(), [3]);

  relay.received.length = 0;
  await faults({ do: 'row error', code: 'OTSTimeout', message: 'Late.', count: 2 });
  const rows = await store.getMany(weather, [day(0), day(1), day(2), day(77)]);
  assert.deepEqual(
    rows.map((row) => row?.key.date),
    ['d0000', 'd0001', 'd0002', undefined],
  );
  assert.deepEqual(bodies(), [4, 2]);
});

for (const [whatHappens, settings, tries] of [
  ['the call is retried, because keys may be rotated', { totalMs: 400 }, /^([2-9]|\d\d)$/],
  ['the call is not retried if keys are not rotated', { totalMs: 400, unknownKeyIsFinal: true }, /^1$/],
] as const)
  test(`the error of a call with a wrong key has the service’s code and shows no secret, and ${whatHappens}`, async (t) => {
    const { createStore } = await startTestStore(t);
    let asked = 0;
    const credentials = () => {
      asked++;
      return { accessKeyId: 'local', accessKeySecret: 'not-the-right-secret' };
    };
    const error = await thrownBy(createStore({ credentials, ...settings }).get(weather, key));
    assert.ok(error instanceof Unavailable);
    assert.equal(error.type, 'OTSAuthFailed');
    assert.match(String(asked), tries);
    assert.doesNotMatch(`${error.message}${String(error.cause)}`, /not-the-right-secret|local-secret/);
  });

test('a call during a rotation of keys continues with the new keys', async (t) => {
  const { createStore } = await startTestStore(t);
  let asked = 0;
  const credentials = () => ({ ...accessKeys, ...(++asked > 2 ? {} : { accessKeySecret: 'old' }) });
  assert.equal(await createStore({ credentials }).get(weather, key), undefined);
  assert.equal(asked, 3);
});

test('each request reads the keys again', async (t) => {
  const { createStore } = await startTestStore(t);
  let now = { ...accessKeys, accessKeySecret: 'old' };
  const store = createStore({ credentials: () => now, totalMs: 400 });
  assert.ok((await thrownBy(store.get(weather, key))) instanceof Unavailable);
  now = accessKeys;
  assert.equal(await store.get(weather, key), undefined);
});

test('an abort ends a call at once with the abort’s reason, both before the call starts and while it waits', async (t) => {
  const { store, faults } = await startTestStore(t);
  const reason = new Error('the worker stops');
  for (const fault of [
    { do: 'delay', ms: 3_000 },
    { do: 'error', code: 'OTSServerBusy', status: 503 },
  ]) {
    await faults(fault);
    const abort = new AbortController();
    const calls = [
      store.get(weather, key, { signal: abort.signal }),
      store.writeMany(weather, puts(500), { signal: abort.signal }),
      all(store.range(weather, { signal: abort.signal })),
    ].map(thrownBy);
    const timer = setTimeout(() => abort.abort(reason), 100);
    const began = performance.now();
    assert.deepEqual(await Promise.all(calls), [reason, reason, reason]);
    assert.ok(performance.now() - began < 1_500);
    clearTimeout(timer);
    assert.equal(await thrownBy(store.put(weather, key, {}, { signal: abort.signal })), reason);
  }
  await faults();
});

test('many calls share few connections', async (t) => {
  const { endpoint, createStore } = await startTestStore(t);
  const relay = await startRelay(t, endpoint);
  const store = createStore({ endpoint: relay.endpoint, maxSockets: 3 });
  for (let index = 0; index < 20; index++) await store.put(weather, day(index), {});
  assert.equal(relay.connections(), 1);
  await Promise.all(Array.from({ length: 30 }, (_, index) => store.get(weather, day(index))));
  assert.ok(relay.connections() <= 4);
  assert.equal(relay.received.length, 50);
  assert.equal(
    globalAgent.maxSockets,
    Number.POSITIVE_INFINITY,
    'the default agent of the process is not changed',
  );
});

test('changed bytes, a wrong signature and the page of a proxy are not accepted as an answer', async (t) => {
  const { endpoint, createStore } = await startTestStore(t);
  const page = Buffer.from(`<html>${accessKeys.accessKeySecret}</html>`);
  const cases = [
    ['NoAnswer', /does not match its checksum/, { body: Buffer.from([10, 0, 18, 0]) }],
    [
      'NoAnswer',
      /not signed with the configured access key/,
      { headers: { authorization: 'OTS local:AAAA' } },
    ],
    ['NoAnswer', /cannot be read/, { headers: {}, body: Buffer.from('none of it') }],
    ['HTTP502', /has no error message of Tablestore/, { status: 502, headers: {}, body: page }],
  ] as const;
  for (const [type, said, other] of cases) {
    const relay = await startRelay(t, endpoint, (answer) => ({ ...answer, ...other }));
    const store = createStore({ endpoint: relay.endpoint, totalMs: 400 });
    const error = await thrownBy(store.get(weather, key));
    isUnavailable(error, type);
    assert.match(String(error), said);
    assert.doesNotMatch(String(error), /local-secret/);
  }
});
