import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { type DirectoryRecord, readDirectory } from '../../domain/zip/directory-record.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from '../../domain/zip/local-header.ts';
import { agreesModulo32Bit, hasUnknownSize, withMeasuredSizes } from '../../domain/zip/wrapped-sizes.ts';
import type { ByteRange } from '../../ports/object-store.ts';
import { CHUNK_BYTES } from './entry-data.ts';
import { Turn } from './turn.ts';

export interface MeasureTask {
  readonly directory: Buffer;
  /** True if the directory in the file has offsets and sizes modulo 2^32. */
  readonly wrapped: boolean;
  /** Added to every local header offset. */
  readonly shift: number;
  /** A file with more bytes than this is not measured to its end. */
  readonly maxBytes: number;
}

/**
 * Returns the directory with the real sizes of files over 4 GiB that macOS compressed. The directory has these sizes
 * modulo 2^32, so each such file is read and inflated once before the plan. Returns the same directory if no size has to
 * change. An entry that cannot be inflated keeps its size: the extraction reports it.
 */
export async function measureSizes(
  { directory, wrapped, shift, maxBytes }: MeasureTask,
  read: (range: ByteRange) => AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<Buffer> {
  const sizes = new Map<number, number>();
  for await (const record of entriesToMeasure(directory, { wrapped })) {
    signal.throwIfAborted();
    const size = await inflatedSize(
      { ...record, localOffset: record.localOffset + shift },
      { read, maxBytes, signal },
    );
    if (size !== undefined && agreesModulo32Bit(size, record.size)) sizes.set(record.at, size);
  }
  return withMeasuredSizes(directory, sizes);
}

/** Yields the entries whose real size is not in the directory. Lets other work of the process run. */
export async function* entriesToMeasure(
  directory: Buffer,
  options: { readonly wrapped: boolean },
): AsyncGenerator<DirectoryRecord> {
  const turn = new Turn();
  for (const record of readDirectory(directory)) {
    if (turn.isOver()) await turn.startNext();
    if (hasUnknownSize(record, directory, options)) yield record;
  }
}

/** Returns the number of bytes that the data of an entry inflates to, or undefined if it is damaged. */
async function inflatedSize(
  { localOffset, compressedSize }: DirectoryRecord,
  {
    read,
    maxBytes,
    signal,
  }: { read: (range: ByteRange) => AsyncIterable<Buffer>; maxBytes: number; signal: AbortSignal },
): Promise<number | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of read({ start: localOffset, end: localOffset + LOCAL_HEADER_BYTES }))
    chunks.push(chunk);
  const header = localHeaderLength(Buffer.concat(chunks), 0);
  if (header === undefined) return undefined;
  const start = localOffset + header;
  let size = 0;
  const count = new Writable({
    highWaterMark: CHUNK_BYTES,
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > maxBytes ? new TooLarge() : null);
    },
  });
  try {
    const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
    await pipeline(Readable.from(read({ start, end: start + compressedSize })), inflate, count, { signal });
    return size;
  } catch (error) {
    if (error instanceof TooLarge) return size;
    if (((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_')) return undefined;
    throw error;
  }
}

class TooLarge extends Error {}
