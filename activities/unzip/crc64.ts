import { createCRC64 } from 'hash-wasm';

/** The polynomial of CRC-64/XZ, reflected, as in `x-oss-hash-crc64ecma`; "123456789" gives 11051210869376104954. */
const POLYNOMIAL = 'c96c5795d7870f42';

/** A running CRC-64 of what passes by. */
export interface Crc64 {
  update(bytes: Buffer): void;
  /** The checksum of all so far, as a decimal string; asked for once, at the end. */
  decimal(): string;
}

/** Makes a fresh CRC-64; each holds a few hundred kilobytes, so callers keep and reset them. */
export async function createCrc64(): Promise<Crc64 & { reset(): void }> {
  const hasher = await createCRC64(POLYNOMIAL);
  hasher.init();
  return {
    update: (bytes) => void hasher.update(bytes),
    decimal: () => BigInt(`0x${hasher.digest('hex')}`).toString(),
    reset: () => void hasher.init(),
  };
}
