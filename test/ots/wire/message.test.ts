import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../ots/errors.ts';
import { message } from '../../../ots/wire/message.ts';
import { decodeTunnelToken, encodeTunnelToken } from '../../../ots/wire/tunnel-token.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const checkpoint = message<{ checkpoint: string; sequenceNumber: bigint }>('GetCheckpointResponse');

test('64-bit integers are exact in both directions', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), int64, (text, sequenceNumber) => {
      const value = { checkpoint: text, sequenceNumber };
      assert.deepEqual(checkpoint.decode(checkpoint.encode(value)), value);
    }),
  );
});

test('repeated fields are there when they are empty, optional ones are not', () => {
  const page = message<object>('ReadRecordsResponse');
  assert.deepEqual(page.decode(page.encode({ nextToken: 't' })), { records: [], nextToken: 't' });
});

test('a required field that is missing is named', () => {
  assert.throws(() => checkpoint.decode(Buffer.alloc(0)), /GetCheckpointResponse.*checkpoint/);
});

test('any bytes are a message or a WireError', () => {
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
const foreign: readonly [name: string, hex: string, says: RegExp][] = [
  ['ListTableRequest', '4801', /ListTableRequest has field 9/],
  [
    'HeartbeatRequest',
    '0a0174' + '120163' + '1a09' + '0a0161' + '1001' + '1801' + '4801',
    /Channel has field 9/,
  ],
];
for (const [name, hex, says] of foreign)
  test(`what nobody knows is refused only by who is strict: ${says.source}`, () => {
    const bytes = Buffer.from(hex, 'hex');
    assert.throws(() => message(name).decode(bytes, { strict: true }), says);
    assert.doesNotThrow(() => message(name).decode(bytes));
  });

test('a token carries its place', () => {
  const place = { iterator: 'Stream_1.0', timestamp: 1_763_800_000_000_000n, totalCount: 7n };
  assert.deepEqual(decodeTunnelToken(encodeTunnelToken(place)), place);
});
