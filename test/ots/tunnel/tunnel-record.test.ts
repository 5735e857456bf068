import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../ots/errors.ts';
import { decodeRecord, lazyRecords } from '../../../ots/tunnel/tunnel-record.ts';
import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';

const primaryKey = [{ name: 'id', value: 'a' }];
const sequence = { epoch: 1, timestamp: 1_795_334_400_000_000n, rowIndex: 2 };
const rowOf = (value: string) => ({
  primaryKey,
  cells: [
    { name: 'text', value, timestamp: 7n },
    { name: 'count', value: 3n, timestamp: 7n },
  ],
});

for (const [name, length] of [
  ['a small row', 10],
  ['a large row, which is decoded at each access', 200_000],
] as const)
  test(`decodes the written columns and old values of ${name}`, () => {
    const [now, old] = [rowOf('n'.repeat(length)), rowOf('o'.repeat(length))];
    const record = encodeRows([{ ...now, sequence }]);
    const originRecord = encodeRows([old]);
    const decoded = decodeRecord({ actionType: 'PUT_ROW', record, originRecord });
    for (let access = 0; access < 2; access++) {
      assert.deepEqual(decoded.cells, now.cells);
      assert.deepEqual(decoded.before, old.cells);
    }
    const { action, bytes } = decoded;
    assert.deepEqual(
      { action, bytes, primaryKey: decoded.primaryKey, sequence: decoded.sequence },
      { action: 'PUT_ROW', bytes: record.length + originRecord.length, primaryKey, sequence },
    );
    const { before } = decodeRecord({ actionType: 'PUT_ROW', record });
    assert.equal(before, undefined);
  });

test('a damaged large row throws an error as soon as it is read', () => {
  const record = encodeRows([rowOf('x'.repeat(200_000))]);
  record.writeUInt8(record.readUInt8(100_000) ^ 1, 100_000);
  const records = lazyRecords([{ actionType: 'PUT_ROW', record }]);
  assert.equal(records.bytes, record.length);
  assert.throws(() => [...records], WireError);
});
