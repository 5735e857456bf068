import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { Unavailable } from '../../domain/errors.ts';
import type { ObjectRef, ObjectStore, StoredChecksum } from '../../ports/object-store.ts';
import { createCrc64 } from './crc64.ts';
import { CHUNK_BYTES, SMALL_FILE_BYTES } from './entry-data.ts';
import { ScratchLost } from './scratch-space.ts';

/** A file in a pack, and the object that it becomes. */
export interface PackedFileUpload {
  readonly ref: ObjectRef;
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
  /** False when an earlier attempt has stored it, and only its CRC-64 is wanted. */
  readonly send: boolean;
}

/** Stores a file of a pack and answers its CRC-64, after comparing it with what the store says it has. */
export type UploadPackedFile = (file: PackedFileUpload, signal: AbortSignal) => Promise<string>;

/** Makes the function that stores files of `pack`: small ones in one piece, others as a stream. */
export async function createPackedFileUploader(
  store: ObjectStore,
  pack: FileHandle,
): Promise<UploadPackedFile> {
  const shared = await createCrc64();

  const small: UploadPackedFile = async ({ ref, offset, size, crc, send }, signal) => {
    const body = Buffer.allocUnsafe(size);
    // In one piece and from the page cache: a trip to the thread pool would take longer than the read.
    if (readSync(pack.fd, body, 0, size, offset) !== size || crc32(body) !== crc)
      throw new ScratchLost(`a sound copy of ${ref.key}`);
    shared.reset();
    shared.update(body);
    const crc64 = shared.decimal();
    if (send) checkStoredCrc64(await store.put(ref, body, signal), crc64, ref);
    return crc64;
  };

  const large: UploadPackedFile = async (file, signal) => {
    const { ref, size } = file;
    const hash = await createCrc64();
    const content = contentOf(pack, file, (piece) => hash.update(piece));
    let stored: StoredChecksum = { crc64: undefined };
    if (file.send) stored = await store.putStream(ref, content, size, signal);
    else for await (const _ of content) signal.throwIfAborted();
    const crc64 = hash.decimal();
    checkStoredCrc64(stored, crc64, ref);
    return crc64;
  };

  return (file, signal) => (file.size <= SMALL_FILE_BYTES ? small(file, signal) : large(file, signal));
}

/** A file's bytes, the last piece held back until the CRC-32 of the whole is known to be right. */
async function* contentOf(
  pack: FileHandle,
  { ref, offset, size, crc }: PackedFileUpload,
  onPiece: (piece: Buffer) => void,
): AsyncGenerator<Buffer> {
  let running = 0;
  for (let done = 0; done < size; ) {
    const piece = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - done));
    const { bytesRead } = await pack.read(piece, 0, piece.length, offset + done);
    running = crc32(piece, running);
    done += bytesRead;
    if (bytesRead !== piece.length || (done === size && running !== crc)) {
      throw new ScratchLost(`a sound copy of ${ref.key}`);
    }
    onPiece(piece);
    yield piece;
  }
}

/** Throws when the store has other bytes than were sent; a store that tells no CRC-64 is taken at its word. */
export function checkStoredCrc64(stored: StoredChecksum, crc64: string, ref: ObjectRef): void {
  if (stored.crc64 === undefined || stored.crc64 === crc64) return;
  const why = `the store has CRC-64 ${stored.crc64}, sent was ${crc64}`;
  throw new Unavailable('StoredWrong', `writing oss://${ref.bucket}/${ref.key}: ${why}`);
}
