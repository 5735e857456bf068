import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidInput } from '../../../domain/errors.ts';
import { createRowsApi } from '../../../ots/rows-api.ts';
import { createOtsTransport } from '../../../ots/transport.ts';
import { declareTable, type Table } from '../../../ports/table.ts';
import { createHttpClient } from '../../../runtime/http-client.ts';
import { INSTANCE } from '../../local/tablestore/running-tablestore.ts';
import { accessKeys, all, numbered, startTestStore, thrownBy } from './test-store.ts';

const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'binary', maxLength: 300 });
const columns = fc.record(
  {
    text,
    integer,
    double: fc.double({ noNaN: true, noDefaultInfinity: true }),
    boolean: fc.boolean(),
    binary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['text'], noNullPrototype: true },
);

test('every value that is written is read back unchanged, also by another client', {
  timeout: 300_000,
}, async (t) => {
  const { endpoint, store } = await startTestStore(t);
  const transport = createOtsTransport({
    endpoint,
    instance: INSTANCE,
    credentials: () => accessKeys,
    http: createHttpClient({ maxConnections: 32 }),
  });
  t.after(() => transport.close());
  const rows = createRowsApi(transport);
  await fc.assert(
    fc.asyncProperty(integer, columns, async (n, values) => {
      await store.put(numbered, { n }, values);
      assert.deepEqual(await store.get(numbered, { n }), { key: { n }, columns: values });
      const other = await rows.get('numbered', [{ name: 'n', value: n }]);
      const cells = Object.fromEntries(other?.cells.map(({ name, value }) => [name, value]) ?? []);
      assert.deepEqual(cells, values);
      assert.deepEqual(await store.getMany(numbered, [{ n }]), [{ key: { n }, columns: values }]);
      await store.writeMany(numbered, [{ do: 'update', key: { n }, set: values }]);
      assert.deepEqual(await store.get(numbered, { n }), { key: { n }, columns: values });
    }),
    { numRuns: 60 },
  );
});

test('integers are exact to 64 bits, as keys, columns, bounds and increments', async (t) => {
  const { store } = await startTestStore(t);
  const edges = [-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n];
  await store.writeMany(
    numbered,
    edges.map((n) => ({ do: 'put', key: { n }, columns: { integer: n } })),
  );
  const rows = await all(store.range(numbered));
  assert.deepEqual(
    rows.map(({ key, columns }) => [key.n, columns.integer]),
    edges.map((n) => [n, n]),
  );
  const after = await all(store.range(numbered, { after: { n: 2n ** 53n + 1n } }));
  assert.deepEqual(
    after.map(({ key }) => key.n),
    [2n ** 63n - 1n],
  );
  await store.update(numbered, { n: 0n }, { add: { integer: 2n ** 62n + 1n } });
  assert.equal((await store.get(numbered, { n: 0n }))?.columns.integer, 2n ** 62n + 1n);
});

const row = { n: 1n };
/** Values that an untyped program could pass. */
const wrong: readonly (readonly [name: string, key: object, columns: object, message: RegExp])[] = [
  [
    'NaN',
    row,
    { double: Number.NaN },
    /^putting numbered n=1: column double \(double\) is NaN: not a finite number$/,
  ],
  ['infinity', row, { double: Number.POSITIVE_INFINITY }, /is Infinity: not a finite number$/],
  ['a number for an integer', row, { integer: 5 }, /column integer \(integer\) is 5: not a 64-bit bigint$/],
  ['65 bits', row, { integer: 2n ** 63n }, /is 9223372036854775808: not a 64-bit bigint$/],
  ['a lone surrogate', row, { text: 'a\ud800' }, /not valid Unicode: it has a lone surrogate$/],
  ['nothing', row, { text: undefined }, /column text \(text\) is undefined: not a text$/],
  [
    'an undeclared column',
    row,
    { colour: 'red' },
    /column colour does not exist; the columns are text, integer/,
  ],
  ['a column that every object has', row, { constructor: 'x' }, /column constructor does not exist/],
  [
    'a key of another type',
    { n: '1' },
    {},
    /^putting numbered n=1: column n \(integer\) is 1: not a 64-bit bigint/,
  ],
  ['a key with a missing column', {}, {}, /^putting numbered: column n \(integer\) is undefined/],
  ['a key with an extra column', { n: 1n, m: 1n }, {}, /column m does not exist; the columns are n$/],
];

test('a value that the column cannot hold is rejected in one sentence, and nothing of a batch is sent', async (t) => {
  const { store } = await startTestStore(t);
  // The declared types would not allow these.
  const loose: Table = numbered;
  for (const [name, key, columns, message] of wrong) {
    const put = { do: 'put', key: Object(key), columns: Object(columns) } as const;
    const good = { do: 'put', key: { n: 2n }, columns: {} } as const;
    const error = await thrownBy(store.writeMany(loose, [good, put]));
    assert.ok(error instanceof InvalidInput && error.type === 'ColumnValue', name);
    assert.match(error.message, message, name);
  }
  assert.deepEqual(await all(store.range(numbered)), []);
});

test('a stored column of another type, and an undeclared column, count as absent', async (t) => {
  const { store } = await startTestStore(t);
  await store.put(numbered, { n: 1n }, { text: 'five', integer: 5n });
  const { key } = numbered;
  const narrow = declareTable({ name: 'numbered', key, columns: { integer: 'integer' } });
  const other = declareTable({ name: 'numbered', key, columns: { text: 'integer', integer: 'integer' } });
  for (const table of [narrow, other]) {
    const row = { key: { n: 1n }, columns: { integer: 5n } };
    assert.deepEqual(await store.get(table, { n: 1n }), row);
    assert.deepEqual(await store.getMany(table, [{ n: 1n }]), [row]);
    assert.deepEqual(await all(store.range(table)), [row]);
  }
});
