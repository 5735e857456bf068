/**
 * Combines CRC-64/XZ checksums, the format of `x-oss-hash-crc64ecma`, without reading the content again. The arithmetic
 * is that of polynomials over GF(2) in reflected bit order, as in zlib's crc32_combine.
 */
const POLYNOMIAL = 0xc96c5795d7870f42n;
const TOP = 1n << 63n;

/** Returns the checksum of A followed by B, from the checksums of A and B and the length of B in bytes. */
export function combineCrc64(a: bigint, b: bigint, lengthOfB: number): bigint {
  return multiply(shiftBy(lengthOfB), a) ^ b;
}

/** Caches x to the power of 8 × `bytes`, because most parts have the same size. */
let lastShift = { bytes: 0, factor: TOP };

function shiftBy(bytes: number): bigint {
  if (lastShift.bytes === bytes) return lastShift.factor;
  let factor = TOP;
  let square = TOP >> 8n;
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if (left & 1n) factor = multiply(factor, square);
    square = multiply(square, square);
  }
  lastShift = { bytes, factor };
  return factor;
}

function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  let term = b;
  for (let bit = TOP; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= term;
    term = term & 1n ? (term >> 1n) ^ POLYNOMIAL : term >> 1n;
  }
  return product;
}
