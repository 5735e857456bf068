import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import type { RowRange, WriteCondition } from '../../../ports/table-store.ts';
import { until } from '../../support/until.ts';
import { startRelay } from './relay.ts';
import { all, createTables, startTestStore, thrownBy, weather } from './test-store.ts';

const key = { adcode: '110000', date: '2026-11-22' };

test('put replaces the row, update changes single columns, delete removes the row', async (t) => {
  const { store } = await startTestStore(t);
  assert.equal(await store.get(weather, key), undefined);
  await store.put(weather, key, { dayweather: '晴', revision: 1n, humidity: 0.5 });
  await store.put(weather, key, { dayweather: '雨', revision: 2n });
  assert.deepEqual(await store.get(weather, key), { key, columns: { dayweather: '雨', revision: 2n } });
  const change = { set: { humidity: 0.75 }, remove: ['dayweather'], add: { revision: 5n } } as const;
  assert.equal(await store.update(weather, key, change), 'written');
  assert.deepEqual(await store.get(weather, key), { key, columns: { humidity: 0.75, revision: 7n } });
  assert.deepEqual(await store.get(weather, key, { columns: ['revision'] }), {
    key,
    columns: { revision: 7n },
  });
  await store.delete(weather, key);
  assert.equal(await store.delete(weather, key), 'written');
  assert.equal(await store.get(weather, key), undefined);
});

type When = WriteCondition<'dayweather' | 'revision' | 'humidity'>;
const revision = (
  is: '=' | '!=' | '>' | '>=' | '<' | '<=',
  value: bigint,
  ifMissing: 'met' | 'unmet' = 'unmet',
) => ({ column: 'revision', is, value, ifMissing }) as const;
const sunny = { column: 'dayweather', is: '=', value: '晴', ifMissing: 'unmet' } as const;
const noHumidity = { column: 'humidity', is: '=', value: 1, ifMissing: 'met' } as const;

/** Conditions on a row with dayweather 晴 and revision 3, and on a missing row. */
const conditions: readonly (readonly [name: string, when: When, onRow: string, onNone: string])[] = [
  ['exists', { row: 'exists' }, 'written', 'unmet'],
  ['absent', { row: 'absent' }, 'unmet', 'written'],
  ['revision = 3', { columns: revision('=', 3n) }, 'written', 'unmet'],
  ['revision != 3', { columns: revision('!=', 3n) }, 'unmet', 'unmet'],
  ['revision != 3 or missing', { columns: revision('!=', 3n, 'met') }, 'unmet', 'written'],
  ['revision > 2', { columns: revision('>', 2n) }, 'written', 'unmet'],
  ['revision > 3', { columns: revision('>', 3n) }, 'unmet', 'unmet'],
  ['revision >= 3', { columns: revision('>=', 3n) }, 'written', 'unmet'],
  ['revision < 3', { columns: revision('<', 3n) }, 'unmet', 'unmet'],
  ['revision <= 3', { columns: revision('<=', 3n) }, 'written', 'unmet'],
  ['humidity missing', { columns: noHumidity }, 'written', 'written'],
  ['both', { columns: { all: [sunny, revision('=', 3n)] } }, 'written', 'unmet'],
  ['both, but one is unmet', { columns: { all: [sunny, revision('=', 4n)] } }, 'unmet', 'unmet'],
  ['either', { columns: { any: [sunny, revision('=', 4n)] } }, 'written', 'unmet'],
  ['not', { columns: { not: sunny } }, 'unmet', 'written'],
  ['all of one condition', { columns: { all: [sunny] } }, 'written', 'unmet'],
  ['exists and column', { row: 'exists', columns: { not: revision('>', 5n) } }, 'written', 'unmet'],
];

test('a write happens only if its condition holds, and an unmet condition is a result and not an error', async (t) => {
  const { store } = await startTestStore(t);
  const row = { dayweather: '晴', revision: 3n };
  for (const [name, when, onRow, onNone] of conditions) {
    await store.put(weather, key, row);
    const before = await store.get(weather, key);
    assert.equal(await store.put(weather, key, { revision: 9n }, { when }), onRow, `put: ${name}`);
    const after = await store.get(weather, key);
    assert.deepEqual(after, onRow === 'unmet' ? before : { key, columns: { revision: 9n } }, name);
    await store.put(weather, key, row);
    const [batched] = await store.writeMany(weather, [{ do: 'update', key, set: { humidity: 1 }, when }]);
    assert.deepEqual(batched, { outcome: onRow }, `batch: ${name}`);
    await store.put(weather, key, row);
    assert.equal(await store.delete(weather, key, { when }), onRow, `delete: ${name}`);
    await store.delete(weather, key);
    assert.equal(await store.put(weather, key, row, { when }), onNone, `on none: ${name}`);
  }
});

test('a condition and a filter compare only the newest value of a column, if a table keeps older ones', async (t) => {
  const { endpoint, store } = await startTestStore(t);
  const table = { ...weather, name: 'versioned' };
  await createTables(endpoint, [table], 2);
  await store.update(table, key, { set: { revision: 1n } });
  // A second value in the same millisecond would replace the first one.
  const first = Date.now();
  await until('the clock has moved', () => Date.now() > first + 1);
  await store.update(table, key, { set: { revision: 2n } });
  const where = (value: bigint) => ({ where: revision('=', value) });
  assert.equal((await all(store.range(table, where(1n)))).length, 0);
  assert.equal((await all(store.range(table, where(2n)))).length, 1);
  const change = { set: { humidity: 1 } };
  const when = (value: bigint) => ({ when: { columns: revision('=', value) } });
  assert.equal(await store.update(table, key, change, when(1n)), 'unmet');
  assert.equal(await store.update(table, key, change, when(2n)), 'written');
});

test('an update without any change is rejected, as a single write and in a batch', async (t) => {
  const { store } = await startTestStore(t);
  const nothing = { set: {}, remove: [], add: {} };
  const expected = {
    ...{ name: 'InvalidInput', type: 'ColumnValue' },
    message: 'updating weather adcode=110000,date=2026-11-22: the update changes nothing',
  };
  await assert.rejects(store.update(weather, key, {}), expected);
  await assert.rejects(store.update(weather, key, nothing), expected);
  await assert.rejects(store.writeMany(weather, [{ do: 'update', key, ...nothing }]), expected);
  assert.equal(await store.get(weather, key), undefined);
});

test('many writes are sent in requests of 200 rows, and of fewer if rows are large', {
  timeout: 300_000,
}, async (t) => {
  const { endpoint, createStore } = await startTestStore(t);
  const relay = await startRelay(t, endpoint);
  const store = createStore({ endpoint: relay.endpoint });
  const writes = Array.from(
    { length: 450 },
    (_, index) =>
      ({ do: 'put', key: { ...key, date: `d${index}` }, columns: { revision: BigInt(index) } }) as const,
  );
  const outcomes = await store.writeMany(weather, writes);
  assert.equal(outcomes.length, 450);
  assert.ok(outcomes.every(({ outcome }) => outcome === 'written'));
  const rowsIn = (body: Buffer): number => body.toString('latin1').split('110000').length - 1;
  assert.deepEqual(relay.received.map(({ body }) => rowsIn(body)).sort(), [200, 200, 50].sort());

  relay.received.length = 0;
  const wanted = writes.map((write) => write.key);
  const rows = await store.getMany(weather, [{ adcode: 'none', date: 'none' }, ...wanted]);
  assert.deepEqual(
    rows.map((row) => row?.columns.revision),
    [undefined, ...wanted.map((_, index) => BigInt(index))],
  );
  assert.equal(relay.received.length, 5);

  relay.received.length = 0;
  const large = '长'.repeat(330_000);
  const sizes = Array.from({ length: 8 }, (_, index) => ({ ...key, date: `large${index}` }));
  const big = await store.writeMany(
    weather,
    sizes.map((each) => ({ do: 'put', key: each, columns: { dayweather: large } })),
  );
  assert.ok(big.every(({ outcome }) => outcome === 'written'));
  assert.equal(relay.received.length, 3);
  assert.deepEqual(await store.writeMany(weather, []), []);
});

const cities = ['110000', '110100', '120000'];
const days = ['01', '02', '03'];

const ranges: readonly (readonly [string, RowRange<typeof weather.key, typeof weather.columns>, string])[] = [
  ['everything', {}, 'a1 a2 a3 b1 b2 b3 c1 c2 c3'],
  ['backward', { direction: 'backward' }, 'c3 c2 c1 b3 b2 b1 a3 a2 a1'],
  ['a city', { prefix: { adcode: '110100' } }, 'b1 b2 b3'],
  ['a city backward', { prefix: { adcode: '110100' }, direction: 'backward' }, 'b3 b2 b1'],
  ['a city’s days', { prefix: { adcode: '110000' }, from: { date: '02' }, to: { date: '03' } }, 'a2'],
  [
    'a city’s days backward',
    { prefix: { adcode: '110000' }, from: { date: '02' }, to: { date: '01' }, direction: 'backward' },
    'a2',
  ],
  ['a province', { from: { adcode: '110000' }, to: { adcode: '120000' } }, 'a1 a2 a3 b1 b2 b3'],
  [
    'a province backward',
    { from: { adcode: '110100' }, to: { adcode: '110000' }, direction: 'backward' },
    'b3 b2 b1',
  ],
  ['from a whole key', { from: { adcode: '110100', date: '03' } }, 'b3 c1 c2 c3'],
  ['after a key', { after: { adcode: '110100', date: '03' } }, 'c1 c2 c3'],
  ['after a key that is gone', { after: { adcode: '110100', date: '025' }, limit: 2 }, 'b3 c1'],
  [
    'after a key, in a city',
    { prefix: { adcode: '110100' }, after: { adcode: '110100', date: '01' } },
    'b2 b3',
  ],
  [
    'after a key backward',
    { after: { adcode: '110100', date: '01' }, direction: 'backward', limit: 2 },
    'a3 a2',
  ],
  ['at most two', { limit: 2 }, 'a1 a2'],
  ['at most two after a key', { limit: 2, after: { adcode: '110000', date: '01' } }, 'a2 a3'],
  ['none', { limit: 0 }, ''],
  ['no such city', { prefix: { adcode: '999999' } }, ''],
  [
    'by a column',
    { where: { column: 'revision', is: '=', value: 2n, ifMissing: 'unmet' }, columns: ['revision'] },
    'a2 b2 c2',
  ],
];

test('a range has the rows between its bounds, in either direction', async (t) => {
  const { store } = await startTestStore(t);
  await store.writeMany(
    weather,
    cities.flatMap((adcode) =>
      days.map(
        (date) => ({ do: 'put', key: { adcode, date }, columns: { revision: BigInt(date) } }) as const,
      ),
    ),
  );
  for (const [name, range, expected] of ranges) {
    const rows = await all(store.range(weather, range));
    const seen = rows.map(({ key: { adcode, date } }) => `${'abc'[cities.indexOf(adcode)]}${Number(date)}`);
    assert.equal(seen.join(' '), expected, name);
  }
  const gap = await thrownBy(all(store.range(weather, { from: { date: '01' } })));
  assert.ok(gap instanceof InvalidInput);
  assert.equal(
    gap.message,
    'reading weather: a bound has date; allowed: the first columns of the key adcode, date',
  );
});

test('a read of a range continues after pages without matching rows, and stops when its reader stops', {
  timeout: 300_000,
}, async (t) => {
  const { endpoint, createStore } = await startTestStore(t);
  const relay = await startRelay(t, endpoint);
  const store = createStore({ endpoint: relay.endpoint });
  const writes = Array.from(
    { length: 5_200 },
    (_, index) =>
      ({
        do: 'put',
        key: { ...key, date: `d${String(index).padStart(4, '0')}` },
        columns: { revision: BigInt(index) },
      }) as const,
  );
  await store.writeMany(weather, writes);
  relay.received.length = 0;
  const where = { column: 'revision', is: '>=', value: 5_100n, ifMissing: 'unmet' } as const;
  assert.equal((await all(store.range(weather, { where }))).length, 100);
  assert.equal(relay.received.length, 2);
  assert.equal((await all(store.range(weather, { where, limit: 7 }))).length, 7);
  relay.received.length = 0;
  for await (const row of store.range(weather)) if (row.columns.revision === 3n) break;
  assert.equal(relay.received.length, 1);
});

test('a caller gets the error of the service, with its code', async (t) => {
  const { store } = await startTestStore(t);
  const elsewhere = { ...weather, name: 'elsewhere' };
  const error = await thrownBy(store.get(elsewhere, key));
  assert.ok(error instanceof InvalidInput);
  assert.equal(error.type, 'OTSParameterInvalid');
  assert.match(
    error.message,
    /^reading elsewhere adcode=110000,date=2026-11-22: OTSParameterInvalid: Request table not exist/,
  );
  const [first, second] = await store.writeMany(elsewhere, [
    { do: 'put', key, columns: {} },
    { do: 'delete', key: { ...key, date: 'x' } },
  ]);
  assert.ok(first?.outcome === 'failed' && first.error.type === 'OTSParameterInvalid');
  assert.ok(
    second?.outcome === 'failed' && /^deleting elsewhere adcode=110000,date=x: /.test(second.error.message),
  );
});

test('the same row twice in one call is rejected, in any order of its key columns', async (t) => {
  const { store } = await startTestStore(t);
  const error = await thrownBy(
    store.writeMany(weather, [
      { do: 'put', key, columns: {} },
      { do: 'delete', key: { date: key.date, adcode: key.adcode } },
    ]),
  );
  assert.ok(error instanceof InvalidInput && error.type === 'SameRowTwice');
  assert.equal(await store.get(weather, key), undefined);
});
