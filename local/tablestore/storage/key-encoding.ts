import { AUTO_INCREMENT, INF_MAX, INF_MIN, type KeyMark, type KeyValue } from '../../../ots/wire/row.ts';

const BELOW_ALL = 0x00;
const VALUE = 0x01;
const ABOVE_ALL = 0x02;
/** This byte follows each zero byte of a string or binary. */
const AFTER_ZERO = 0xff;
const SIGN = 1n << 63n;

/**
 * Encodes key columns as bytes with the same order as the keys. Integers are ordered by value, strings and binaries by
 * bytes. The ends of ranges are below or above all values. No encoded row key is a prefix of another.
 */
export function encodeKey(values: readonly (KeyValue | KeyMark)[]): Buffer {
  const parts = values.map(encodeValue);
  return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
}

function encodeValue(value: KeyValue | KeyMark): Buffer {
  if (value === INF_MIN) return Buffer.from([BELOW_ALL]);
  if (value === INF_MAX) return Buffer.from([ABOVE_ALL]);
  if (value === AUTO_INCREMENT)
    throw new Error('cannot encode a key with an auto-increment column without a value');
  return typeof value === 'bigint' ? encodeInteger(value) : encodeBytes(value);
}

/** Big-endian with a flipped sign bit, so that negative numbers come first. */
function encodeInteger(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = VALUE;
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value) ^ SIGN, 1);
  return bytes;
}

/** Ends with two zeros. A zero in the value is followed by 0xff, so that a prefix comes before a longer value. */
function encodeBytes(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  let zeros = 0;
  for (const byte of bytes) if (byte === 0) zeros++;
  const encoded = Buffer.alloc(bytes.length + zeros + 3);
  encoded[0] = VALUE;
  if (zeros === 0) {
    bytes.copy(encoded, 1);
    return encoded;
  }
  let at = 1;
  for (const byte of bytes) {
    encoded[at++] = byte;
    if (byte === 0) encoded[at++] = AFTER_ZERO;
  }
  return encoded;
}
