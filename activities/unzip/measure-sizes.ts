import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { InvalidInput } from '../../domain/errors.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from '../../domain/zip/local-header.ts';
import type { UnknownSizes } from '../../domain/zip/plan-archive.ts';
import type { PlacedFile } from '../../domain/zip/split-parts.ts';
import { agreesModulo32Bit } from '../../domain/zip/wrapped-sizes.ts';
import type { ByteRange } from '../../ports/object-store.ts';
import { CHUNK_BYTES } from './entry-data.ts';

export interface MeasureTask extends UnknownSizes {
  /** The name of the archive in messages. */
  readonly subject: string;
  /** A file with more bytes than this is not measured to its end. */
  readonly maxFileBytes: number;
  /** What an earlier attempt has measured. */
  readonly previous?: MeasuredSizes | undefined;
  /** How long the earlier attempts have measured, in ms. */
  readonly previousMs?: number | undefined;
  /** Called often, with the time in ms for which all attempts together have measured. */
  readonly onTime?: (ms: number) => void;
  /** Called after each file. */
  readonly onMeasured?: (measured: MeasuredSizes) => void;
}

/**
 * The time in ms that all attempts together may measure the sizes of one archive. If an attempt is cut off in the
 * middle of a file, the next attempt measures this file from its start. So without this limit, a slow file would be
 * measured for a day.
 */
export const MAX_MEASURING_MS = 2 * 3_600_000;

/** The files that are measured so far, in the order of their data. */
export interface MeasuredSizes {
  /** The offset of the local header of the last one. */
  readonly lastHeaderAt: number;
  /** The number of bytes that these files inflate to. */
  readonly bytes: number;
  /** The real sizes, as `measureSizes` returns them. Each is over 4 GiB, so there are at most some hundreds. */
  readonly sizes: readonly (readonly [recordAt: number, size: number])[];
}

/**
 * Returns the real sizes of files over 4 GiB that macOS compressed, by the offset of the file's record in the
 * directory. The directory has these sizes modulo 2^32, so each such file is read and inflated once before the plan. A
 * file has no size in the result if it cannot be inflated, or if its real size differs from the size in the directory
 * modulo 2^32. The plan or the extraction rejects such a file. Continues after the files that an earlier attempt has
 * measured.
 * @throws InvalidInput of type `LimitExceeded` if the files inflate to more bytes than all files of an archive may have,
 * or if measuring takes longer than `MAX_MEASURING_MS`
 */
export async function measureSizes(
  { subject, filesOfUnknownSize, maxBytes, maxFileBytes, previous, previousMs = 0, ...task }: MeasureTask,
  readRange: (range: ByteRange) => AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const began = performance.now();
  async function* read(range: ByteRange): AsyncGenerator<Buffer> {
    for await (const chunk of readRange(range)) {
      const ms = Math.round(previousMs + performance.now() - began);
      task.onTime?.(ms);
      if (ms > MAX_MEASURING_MS)
        throw new InvalidInput(
          'LimitExceeded',
          `${subject}: measuring its files over 4 GiB takes longer than ${MAX_MEASURING_MS / 60_000} minutes`,
        );
      yield chunk;
    }
  }
  const sizes = new Map(previous?.sizes);
  let total = previous?.bytes ?? 0;
  for (const file of filesOfUnknownSize) {
    if (previous !== undefined && file.localHeaderAt <= previous.lastHeaderAt) continue;
    signal.throwIfAborted();
    const onInflated = (bytes: number): void => {
      total += bytes;
      if (total > maxBytes)
        throw new InvalidInput('LimitExceeded', `${subject}: its files have more than ${maxBytes} bytes`);
    };
    const size = await inflatedSize(file, { read, onInflated, maxBytes: maxFileBytes, signal });
    if (size !== undefined && agreesModulo32Bit(size, file.size)) sizes.set(file.recordAt, size);
    task.onMeasured?.({ lastHeaderAt: file.localHeaderAt, bytes: total, sizes: [...sizes] });
  }
  return sizes;
}

interface Inflating {
  readonly read: (range: ByteRange) => AsyncIterable<Buffer>;
  /** Called for each inflated chunk. May throw. */
  readonly onInflated: (bytes: number) => void;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Returns the number of bytes that the data of a file inflates to, or undefined if it is damaged. */
async function inflatedSize(
  { localHeaderAt, compressedSize }: PlacedFile,
  { read, onInflated, maxBytes, signal }: Inflating,
): Promise<number | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of read({ start: localHeaderAt, end: localHeaderAt + LOCAL_HEADER_BYTES }))
    chunks.push(chunk);
  const header = localHeaderLength(Buffer.concat(chunks), 0);
  if (header === undefined) return undefined;
  const start = localHeaderAt + header;
  let size = 0;
  const count = new Writable({
    highWaterMark: CHUNK_BYTES,
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      try {
        onInflated(chunk.length);
        done(size > maxBytes ? new TooLarge() : null);
      } catch (error) {
        done(error as Error);
      }
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
