import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { Unavailable } from '../../domain/errors.ts';
import type { ObjectRef, ObjectStore, StoredChecksum } from '../../ports/object-store.ts';
import { createCrc64 } from './crc64.ts';
import { CHUNK_BYTES, SMALL_FILE_BYTES } from './entry-data.ts';
import { DAMAGED, ScratchLost } from './scratch-space.ts';

/** Stores content, and compares the CRC-64 of the bytes with that of the store. Each function returns the CRC-64. */
export interface ContentStorer {
  /** Returns the CRC-64 without storing the content. */
  checksum(body: Buffer): string;
  storeBuffer(ref: ObjectRef, body: Buffer, signal: AbortSignal): Promise<string>;
  storeStream(
    ref: ObjectRef,
    content: AsyncIterable<Buffer>,
    size: number,
    signal: AbortSignal,
  ): Promise<string>;
}

export async function createContentStorer(store: ObjectStore): Promise<ContentStorer> {
  const reusedCrc64 = await createCrc64();
  const checksum = (body: Buffer): string => {
    reusedCrc64.reset();
    reusedCrc64.update(body);
    return reusedCrc64.decimal();
  };
  return {
    checksum,

    async storeBuffer(ref, body, signal) {
      const crc64 = checksum(body);
      checkStoredCrc64(await store.put(ref, body, signal), crc64, ref);
      return crc64;
    },

    async storeStream(ref, content, size, signal) {
      const hash = await createCrc64();
      async function* hashed(): AsyncGenerator<Buffer> {
        for await (const piece of content) {
          hash.update(piece);
          yield piece;
        }
      }
      const stored = await store.putStream(ref, hashed(), size, signal);
      const crc64 = hash.decimal();
      checkStoredCrc64(stored, crc64, ref);
      return crc64;
    },
  };
}

/**
 * Throws `Unavailable` of type `StoredWrong` (checksum mismatch) if the store's CRC-64 differs from the CRC-64 of the
 * bytes sent. Does not throw if the store returns no CRC-64.
 */
export function checkStoredCrc64(stored: StoredChecksum, crc64: string, ref: ObjectRef): void {
  if (stored.crc64 === undefined || stored.crc64 === crc64) return;
  const why = `the store has CRC-64 ${stored.crc64}, but ${crc64} was sent`;
  throw new Unavailable('StoredWrong', `cannot verify oss://${ref.bucket}/${ref.key}: ${why}`);
}

/** A file in a pack file, and the object to store it as. */
export interface PackedFileUpload {
  readonly ref: ObjectRef;
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
  /** False if an earlier attempt has stored the object, and only its CRC-64 is needed. */
  readonly send: boolean;
}

/**
 * Stores one file of a pack file. Compares the CRC-64 of its bytes with that of the store. Returns the CRC-64 of its
 * bytes.
 */
export type UploadPackedFile = (file: PackedFileUpload, signal: AbortSignal) => Promise<string>;

/** Creates the function that stores files of `pack`: small files with one PUT, larger ones as a stream. */
export async function createPackedFileUploader(
  store: ObjectStore,
  pack: FileHandle,
): Promise<UploadPackedFile> {
  const storer = await createContentStorer(store);

  const small: UploadPackedFile = async ({ ref, offset, size, crc, send }, signal) => {
    const body = Buffer.allocUnsafe(size);
    // This read is synchronous, because the page cache usually has the bytes, and the thread pool would take longer.
    if (readSync(pack.fd, body, 0, size, offset) !== size || crc32(body) !== crc)
      throw new ScratchLost(`the copy of ${ref.key}`, DAMAGED);
    return send ? await storer.storeBuffer(ref, body, signal) : storer.checksum(body);
  };

  const large: UploadPackedFile = async (file, signal) => {
    const { ref, size } = file;
    const content = contentOf(pack, file);
    if (file.send) return await storer.storeStream(ref, content, size, signal);
    const hash = await createCrc64();
    for await (const piece of content) {
      signal.throwIfAborted();
      hash.update(piece);
    }
    return hash.decimal();
  };

  return (file, signal) => (file.size <= SMALL_FILE_BYTES ? small(file, signal) : large(file, signal));
}

/** Yields a file's bytes. Yields the last piece only after the CRC-32 of the whole file has been checked. */
async function* contentOf(
  pack: FileHandle,
  { ref, offset, size, crc }: PackedFileUpload,
): AsyncGenerator<Buffer> {
  let running = 0;
  for (let done = 0; done < size; ) {
    const piece = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - done));
    const { bytesRead } = await pack.read(piece, 0, piece.length, offset + done);
    running = crc32(piece, running);
    done += bytesRead;
    if (bytesRead !== piece.length || (done === size && running !== crc)) {
      throw new ScratchLost(`the copy of ${ref.key}`, DAMAGED);
    }
    yield piece;
  }
}
