import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../ots/errors.ts';
import { decodeRow, decodeRows, decodeVariant } from '../../../ots/wire/plain-buffer-reader.ts';
import { encodeRows, encodeVariant } from '../../../ots/wire/plain-buffer-writer.ts';
import { AUTO_INCREMENT, type Cell, INF_MAX, INF_MIN, type PlainRow } from '../../../ots/wire/row.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const value = fc.oneof(int64, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), text, bytes);
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true });
const cell: fc.Arbitrary<Cell> = fc.oneof(
  plain({ name, value }),
  plain({ name, value, timestamp: int64 }),
  plain({ name, operation: fc.constant('delete all versions' as const) }),
  plain({ name, operation: fc.constant('delete version' as const), timestamp: int64 }),
  plain({ name, value: int64, operation: fc.constant('increment' as const) }),
);
const key = plain({
  name,
  value: fc.oneof(int64, text, bytes, fc.constantFrom(INF_MIN, INF_MAX, AUTO_INCREMENT)),
});
const sequence = plain({
  epoch: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  timestamp: int64,
  rowIndex: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
const row: fc.Arbitrary<PlainRow> = fc.record(
  {
    primaryKey: fc.array(key, { minLength: 1, maxLength: 4 }),
    cells: fc.array(cell, { maxLength: 6 }),
    deleted: fc.constant(true),
    sequence,
  },
  { requiredKeys: ['primaryKey', 'cells'], noNullPrototype: true },
);

test('decoding returns the encoded rows', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
      assert.deepEqual(decodeRows(encodeRows(rows)), rows);
    }),
    { numRuns: 300 },
  );
});

test('decoding returns the encoded single value', () => {
  fc.assert(fc.property(value, (one) => assert.deepEqual(decodeVariant(encodeVariant(one)), one)));
});

test('random bytes decode to rows or throw a WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (array, withHeader) => {
      try {
        decodeRows(withHeader ? Buffer.concat([Buffer.from([0x75, 0, 0, 0]), array]) : array);
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

const primaryKey = [{ name: 'pk', value: 'a' }];
/** The bytes that the Go SDK, version 4.1.3, writes for these rows. */
const goSdkRows: readonly [rowName: string, row: PlainRow, hex: string][] = [
  [
    'a put',
    { primaryKey, cells: [{ name: 'c', value: 5n }] },
    '7500000001030402000000706b05060000000301000000610ad4020304010000006305090000000005000000000000000a820918',
  ],
  [
    'an update with every operation and type',
    {
      primaryKey,
      cells: [
        { name: 'd', operation: 'delete all versions' },
        { name: 'e', operation: 'delete version', timestamp: 1_700_000_000_000n },
        { name: 'f', value: 1.5 },
        { name: 'g', value: true },
        { name: 'h', value: Buffer.from([1, 2]) },
        { name: 'i', value: 3n, operation: 'increment' },
      ],
    },
    '7500000001030402000000706b05060000000301000000610ad4020304010000006406010aa60304010000006506030700' +
      '68e5cf8b0100000a7903040100000066050900000001000000000000f83f0a6a03040100000067050200000002010afe' +
      '030401000000680507000000070200000001020a7003040100000069050900000000030000000000000006040a4c093c',
  ],
  [
    'a delete',
    { primaryKey, cells: [], deleted: true },
    '7500000001030402000000706b05060000000301000000610ad40809e9',
  ],
];
for (const [rowName, one, hex] of goSdkRows)
  test(`encodes and decodes ${rowName} to exactly the same bytes as Tablestore’s SDK for Go`, () => {
    assert.equal(encodeRows([one]).toString('hex'), hex);
    assert.deepEqual(decodeRow(Buffer.from(hex, 'hex')), one);
  });

test('a change of any byte of a row is detected', () => {
  const wire = Buffer.from(goSdkRows[1]?.[2] ?? '', 'hex');
  for (let at = 0; at < wire.length; at++)
    for (let change = 1; change < 256; change++) {
      const broken = Buffer.from(wire);
      broken[at] = (broken[at] ?? 0) ^ change;
      assert.throws(() => decodeRow(broken), WireError, `byte ${at} changed by ${change}`);
    }
});

const shortRow = encodeRows([{ primaryKey: [{ name: 'k', value: 'v' }], cells: [] }]);

test('accepts zeros after the last row, which the Node.js SDK sends, and rejects other bytes', () => {
  assert.equal(decodeRows(Buffer.concat([shortRow, Buffer.alloc(3)])).length, 1);
  assert.throws(
    () => decodeRows(Buffer.concat([shortRow, Buffer.from([0, 7])])),
    /after the last row, is 7 instead of 0/,
  );
});

test('rejects values that a column cannot have', () => {
  const encode = (one: bigint | number) => () =>
    encodeRows([{ primaryKey: [{ name: 'k', value: 'v' }], cells: [{ name: 'c', value: one }] }]);
  assert.throws(encode(2n ** 63n), /9223372036854775808 is not a 64-bit integer/);
  assert.throws(encode(Number.NaN), /NaN is not allowed as a value of a column/);
});
