import { isIP } from 'node:net';
import { type PathSteps, PatternError } from './pattern-error.ts';

const BITS = { 4: 32, 6: 128 } as const;

/** Compiles `cidr`: an address, or a block such as `10.0.0.0/24` or `2001:db8::/32`. */
export function compileCidr(argument: unknown, path: PathSteps): (value: unknown) => boolean {
  const [address = '', bits, ...more] = typeof argument === 'string' ? argument.split('/') : [];
  const version = versionOf(address);
  const length = bits === undefined ? undefined : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === undefined || more.length > 0 || !((length ?? 0) <= BITS[version])) {
    const allowed = 'an IP address or a block such as 10.0.0.0/24 or 2001:db8::/32';
    throw new PatternError(path, `cidr must be ${allowed}`, argument);
  }
  const shift = BigInt(BITS[version] - (length ?? BITS[version]));
  const block = addressBits(address, version) >> shift;
  return (value) =>
    typeof value === 'string' &&
    versionOf(value) === version &&
    addressBits(value, version) >> shift === block;
}

/** A zone, as in `fe80::1%eth0`, is not part of an address. */
function versionOf(address: string): 4 | 6 | undefined {
  const version = address.includes('%') ? 0 : isIP(address);
  return version === 4 || version === 6 ? version : undefined;
}

function addressBits(address: string, version: 4 | 6): bigint {
  if (version === 4) return address.split('.').reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const [head = '', tail] = address.split('::');
  const front = wordsOf(head);
  const back = wordsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array<bigint>(zeros).fill(0n), ...back].reduce((sum, word) => (sum << 16n) | word, 0n);
}

/** Returns the 16-bit words of one half of an IPv6 address, which may end with an IPv4 address. */
const wordsOf = (half: string): bigint[] =>
  half === ''
    ? []
    : half.split(':').flatMap((word) => {
        if (!word.includes('.')) return [BigInt(`0x${word}`)];
        const bits = addressBits(word, 4);
        return [bits >> 16n, bits & 0xffffn];
      });
