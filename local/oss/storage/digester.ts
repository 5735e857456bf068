import { createHash } from 'node:crypto';
import { createCRC64, type IHasher } from 'hash-wasm';

export interface Digests {
  /** The MD5 in upper-case hex. */
  readonly etag: string;
  /** The MD5 in base64. */
  readonly md5: string;
  /** The CRC-64/XZ in decimal, as in `x-oss-hash-crc64ecma`. */
  readonly crc64: string;
}

/** Digests of content that arrives in chunks. `finish` must be called exactly once, also if the content is discarded. */
export interface RunningDigest {
  update(chunk: Uint8Array): void;
  finish(): Digests;
}

/** Computes MD5 and CRC-64 in one pass. */
export interface Digester {
  digestsOf(bytes: Uint8Array): Digests;
  begin(): Promise<RunningDigest>;
}

/** Creates a digester. It reuses finished CRC hashers, because each one holds WebAssembly memory. */
export async function createDigester(): Promise<Digester> {
  const single = await createCRC64();
  const free: IHasher[] = [];
  return {
    digestsOf: (bytes) => digests(createHash('md5').update(bytes).digest(), single.init().update(bytes)),
    begin: async () => {
      const md5 = createHash('md5');
      const crc = (free.pop() ?? (await createCRC64())).init();
      return {
        update: (chunk) => {
          md5.update(chunk);
          crc.update(chunk);
        },
        finish: () => {
          const result = digests(md5.digest(), crc);
          free.push(crc);
          return result;
        },
      };
    },
  };
}

function digests(md5: Buffer, crc: IHasher): Digests {
  return {
    etag: md5.toString('hex').toUpperCase(),
    md5: md5.toString('base64'),
    crc64: BigInt(`0x${crc.digest('hex')}`).toString(),
  };
}
