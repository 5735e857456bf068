import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../ots/errors.ts';
import { message } from '../../../ots/wire/message.ts';
import { decodeTunnelToken, encodeTunnelToken } from '../../../ots/wire/tunnel-token.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const checkpoint = message<{ checkpoint: string; sequenceNumber: bigint }>('GetCheckpointResponse');

test('encoding and decoding keep 64-bit integers exact', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), int64, (text, sequenceNumber) => {
      const value = { checkpoint: text, sequenceNumber };
      assert.deepEqual(checkpoint.decode(checkpoint.encode(value)), value);
    }),
  );
});

test('decoding returns empty repeated fields, and omits absent optional fields', () => {
  const page = message<object>('ReadRecordsResponse');
  assert.deepEqual(page.decode(page.encode({ nextToken: 't' })), { records: [], nextToken: 't' });
});

test('an error names the missing required field', () => {
  assert.throws(() => checkpoint.decode(Buffer.alloc(0)), /GetCheckpointResponse.*checkpoint/);
});

test('random bytes decode to a message or throw a WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const strict of [true, false])
        try {
          message('BatchWriteRowRequest').decode(bytes, { strict });
        } catch (error) {
          assert.ok(error instanceof WireError, String(error));
        }
    }),
    { numRuns: 1_000 },
  );
});

// ListTableRequest{} with field 9 = 1; HeartbeatRequest with a channel that has field 9.
const unknownFields: readonly [name: string, hex: string, message: RegExp][] = [
  ['ListTableRequest', '4801', /ListTableRequest has the unknown field 9/],
  [
    'HeartbeatRequest',
    '0a0174' + '120163' + '1a09' + '0a0161' + '1001' + '1801' + '4801',
    /Channel has the unknown field 9/,
  ],
];
for (const [name, hex, expected] of unknownFields)
  test(`only strict decoding rejects an unknown field: ${expected.source}`, () => {
    const bytes = Buffer.from(hex, 'hex');
    assert.throws(() => message(name).decode(bytes, { strict: true }), expected);
    assert.doesNotThrow(() => message(name).decode(bytes));
  });

test('decoding a token returns the encoded position', () => {
  const position = { iterator: 'Stream_1.0', timestamp: 1_763_800_000_000_000n, totalCount: 7n };
  assert.deepEqual(decodeTunnelToken(encodeTunnelToken(position)), position);
});
