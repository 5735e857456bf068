import { createCRC64 } from 'hash-wasm';

/** The reflected polynomial of CRC-64/XZ, as in `x-oss-hash-crc64ecma`. "123456789" gives 11051210869376104954. */
const POLYNOMIAL = 'c96c5795d7870f42';

/** A running CRC-64. */
export interface Crc64 {
  update(bytes: Buffer): void;
  /** Returns the checksum as a decimal string. After that, `update` may not be called before a reset. */
  decimal(): string;
}

/** Creates a CRC-64. Each one uses a few hundred kilobytes of memory, so callers reuse it with `reset`. */
export async function createCrc64(): Promise<Crc64 & { reset(): void }> {
  const hasher = await createCRC64(POLYNOMIAL);
  hasher.init();
  return {
    update: (bytes) => void hasher.update(bytes),
    decimal: () => BigInt(`0x${hasher.digest('hex')}`).toString(),
    reset: () => void hasher.init(),
  };
}
