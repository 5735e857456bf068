import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readSync, unlink, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from './records.ts';

const READ_BYTES = 512 * 1024;

/**
 * Content on disk, a file a segment, never changed once written. Files are named by random ids and belong to
 * nobody until a record names them.
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

  /** Writes small content in one go. */
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

  /** A new empty file to write to; the caller closes the handle. */
  async create(): Promise<{ readonly file: string; readonly handle: FileHandle }> {
    const file = newId();
    return { file, handle: await open(this.#path(file), 'wx') };
  }

  /** The same content under ids of its own, sharing the bytes on disk. */
  copy(segments: readonly Segment[]): Segment[] {
    return segments.map(({ file, size }) => {
      const copy = newId();
      linkSync(this.#path(file), this.#path(copy));
      return { file: copy, size };
    });
  }

  /** Keeps the files until the returned function is called, even when their object is replaced meanwhile. */
  pin(segments: readonly Segment[]): () => void {
    for (const { file } of segments) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    let pinned = true;
    return () => {
      if (!pinned) return;
      pinned = false;
      for (const { file } of segments) this.#unpin(file);
    };
  }

  /** Removes files that no record names any more, at once or when their last reader is done. */
  discard(segments: readonly Segment[]): void {
    for (const { file } of segments) {
      if (this.#readers.has(file)) this.#pendingDeletion.add(file);
      // A file that cannot be removed now is an orphan, which the next start sweeps.
      else unlink(this.#path(file), () => {});
    }
  }

  /** Reads a few bytes in one go; the range must lie within the segments. */
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

  /** Streams a range in chunks; the range must lie within the segments, which the caller has pinned. */
  async *read(segments: readonly Segment[], start: number, length: number): AsyncGenerator<Buffer> {
    for (const { file, from, size } of slices(segments, start, length)) {
      const handle = await open(this.#path(file), 'r');
      try {
        for (let done = 0; done < size; ) {
          const want = Math.min(READ_BYTES, size - done);
          const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(want), 0, want, from + done);
          if (bytesRead === 0) throw new Error(`content file ${file} ends before its size`);
          done += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    }
  }

  /** Removes every file but those of `kept`, and says how many; only for a start, before anything is written. */
  sweep(kept: ReadonlySet<string>): number {
    let removed = 0;
    for (const entry of readdirSync(this.#dir)) {
      for (const file of readdirSync(join(this.#dir, entry))) {
        if (kept.has(file)) continue;
        this.discard([{ file, size: 0 }]);
        removed += 1;
      }
    }
    return removed;
  }

  #unpin(file: string): void {
    const left = (this.#readers.get(file) ?? 1) - 1;
    if (left > 0) {
      this.#readers.set(file, left);
      return;
    }
    this.#readers.delete(file);
    if (this.#pendingDeletion.delete(file)) this.discard([{ file, size: 0 }]);
  }

  #path(file: string): string {
    return join(this.#dir, file.slice(0, 2), file);
  }
}

/** Files that are made one after the other share a folder, this many of them; then comes the next of 256. */
const FILES_PER_FOLDER = 4_096;
let made = Math.floor(Math.random() * 256) * FILES_PER_FOLDER;

/** A random id behind two digits that name its folder: making files in turn all over a disk takes ten times as long. */
function newId(): string {
  const folder = Math.floor(made++ / FILES_PER_FOLDER) % 256;
  return folder.toString(16).padStart(2, '0') + randomUUID().replaceAll('-', '').slice(2);
}

/** The pieces of files that make up `length` bytes from `start` of the whole. */
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
