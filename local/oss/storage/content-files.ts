import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readSync, unlink, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from './records.ts';

const READ_BYTES = 512 * 1024;

/**
 * Content on disk, with one immutable file per segment. File names are random ids. A file is an orphan until a record
 * refers to it.
 */
export class ContentFiles {
  readonly #dir: string;
  readonly #readers = new Map<string, number>();
  readonly #pendingDeletion = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
    for (let index = 0; index < 256; index += 1) {
      mkdirSync(join(dir, index.toString(16).padStart(2, '0')), { recursive: true });
    }
  }

  /** Writes small content synchronously. */
  writeSmall(bytes: Buffer): Segment {
    const file = newId();
    const descriptor = openSync(this.#path(file), 'wx');
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    } catch (error) {
      this.discard([{ file, size: 0 }]);
      throw error;
    } finally {
      closeSync(descriptor);
    }
    return { file, size: bytes.length };
  }

  /** Creates an empty file for writing. The caller closes the handle. */
  async create(): Promise<{ readonly file: string; readonly handle: FileHandle }> {
    const file = newId();
    return { file, handle: await open(this.#path(file), 'wx') };
  }

  /** Links the same content under new ids. The bytes on disk are shared. */
  copy(segments: readonly Segment[]): Segment[] {
    return segments.map(({ file, size }) => {
      const copy = newId();
      linkSync(this.#path(file), this.#path(copy));
      return { file: copy, size };
    });
  }

  /** Keeps the files until the returned function is called, even if their object is replaced. */
  pin(segments: readonly Segment[]): () => void {
    for (const { file } of segments) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    let pinned = true;
    return () => {
      if (!pinned) return;
      pinned = false;
      for (const { file } of segments) this.#unpin(file);
    };
  }

  /** Deletes files that no record refers to. A file that is being read is deleted when its last reader has finished. */
  discard(segments: readonly Segment[]): void {
    for (const { file } of segments) {
      if (this.#readers.has(file)) this.#pendingDeletion.add(file);
      // If a file cannot be deleted now, the next start deletes it (`sweep`).
      else unlink(this.#path(file), () => {});
    }
  }

  /** Reads a few bytes synchronously. The range must lie within the segments. */
  readSmall(segments: readonly Segment[], start: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    for (const { file, from, size } of slices(segments, start, length)) {
      const descriptor = openSync(this.#path(file), 'r');
      try {
        const end = filled + size;
        for (let at = from; filled < end; ) {
          const count = readSync(descriptor, bytes, filled, end - filled, at);
          if (count === 0) throw new Error(`content file ${file} ends before its size`);
          filled += count;
          at += count;
        }
      } finally {
        closeSync(descriptor);
      }
    }
    return bytes;
  }

  /** Streams a range in chunks. The range must lie within the segments, which the caller has pinned. */
  async *read(segments: readonly Segment[], start: number, length: number): AsyncGenerator<Buffer> {
    for (const { file, from, size } of slices(segments, start, length)) {
      const handle = await open(this.#path(file), 'r');
      try {
        for (let bytesDone = 0; bytesDone < size; ) {
          const chunkBytes = Math.min(READ_BYTES, size - bytesDone);
          const { bytesRead, buffer } = await handle.read(
            Buffer.allocUnsafe(chunkBytes),
            0,
            chunkBytes,
            from + bytesDone,
          );
          if (bytesRead === 0) throw new Error(`content file ${file} ends before its size`);
          bytesDone += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    }
  }

  /** Deletes all files except `referencedFiles`. Returns how many it deleted. Only allowed before the first write. */
  sweep(referencedFiles: ReadonlySet<string>): number {
    let removed = 0;
    for (const entry of readdirSync(this.#dir)) {
      for (const file of readdirSync(join(this.#dir, entry))) {
        if (referencedFiles.has(file)) continue;
        this.discard([{ file, size: 0 }]);
        removed += 1;
      }
    }
    return removed;
  }

  #unpin(file: string): void {
    const remaining = (this.#readers.get(file) ?? 1) - 1;
    if (remaining > 0) {
      this.#readers.set(file, remaining);
      return;
    }
    this.#readers.delete(file);
    if (this.#pendingDeletion.delete(file)) this.discard([{ file, size: 0 }]);
  }

  #path(file: string): string {
    return join(this.#dir, file.slice(0, 2), file);
  }
}

/** This many consecutive new files share a folder. Then the next of the 256 folders is used. */
const FILES_PER_FOLDER = 4_096;
/** The first folder is random. */
let nextFileNumber = Math.floor(Math.random() * 256) * FILES_PER_FOLDER;

/**
 * Returns a random id that begins with two digits for the folder. If consecutive files were in different folders,
 * writing would be ten times slower.
 */
function newId(): string {
  const folder = Math.floor(nextFileNumber++ / FILES_PER_FOLDER) % 256;
  return folder.toString(16).padStart(2, '0') + randomUUID().replaceAll('-', '').slice(2);
}

/** Yields the slices of the files that hold `length` bytes of the whole content from `start` on. */
function* slices(segments: readonly Segment[], start: number, length: number) {
  const end = start + length;
  let offset = 0;
  for (const { file, size } of segments) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, size);
    if (from < to) yield { file, from, size: to - from };
    offset += size;
    if (offset >= end) return;
  }
}
