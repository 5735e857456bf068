/** Crockford's base32 has no I, L, O and U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const RANDOM_BYTES = 10;
const LENGTH = 26;

/** Returns a ULID: 26 characters whose order is the order of the instants (epoch ms). Uses the first ten random bytes. */
export function ulid(instant: number, random: Uint8Array): string {
  let number = BigInt(instant);
  for (const byte of random.subarray(0, RANDOM_BYTES)) number = number * 256n + BigInt(byte);
  let text = '';
  for (; text.length < LENGTH; number /= 32n) text = `${DIGITS[Number(number % 32n)]}${text}`;
  return text;
}
