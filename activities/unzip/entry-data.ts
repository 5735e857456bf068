import { createReadStream, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createInflateRaw, inflateRawSync, crc32 as zlibCrc32 } from 'node:zlib';
import { InvalidInput } from '../../domain/errors.ts';
import type { DirectoryRecord } from '../../domain/zip/directory-record.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from '../../domain/zip/local-header.ts';

/** Entries up to this size are inflated in one piece. Inflating such an entry as a stream takes five times as long. */
export const SMALL_FILE_BYTES = 1024 * 1024;

/** The chunk size decides zlib's speed: 256 KiB is three times as fast as the default. */
export const CHUNK_BYTES = 256 * 1024;

const DEFLATED = 8;

/** Reads a file from front to back in large pieces, and returns slices of it without copying. */
export class SlidingReader {
  readonly #fd: number;
  #buffer = Buffer.alloc(0);
  #bufferOffset = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Returns `length` bytes from `offset`, or fewer at the end of the file. The slice is valid until the next call. */
  slice(offset: number, length: number): Buffer {
    const start = offset - this.#bufferOffset;
    if (start < 0 || start + length > this.#buffer.length) {
      const fresh = Buffer.allocUnsafe(Math.max(length, SMALL_FILE_BYTES));
      let filled = 0;
      for (let got = 1; got > 0 && filled < fresh.length; filled += got) {
        got = readSync(this.#fd, fresh, filled, fresh.length - filled, offset + filled);
      }
      this.#buffer = fresh.subarray(0, filled);
      this.#bufferOffset = offset;
    }
    return this.#buffer.subarray(offset - this.#bufferOffset, offset - this.#bufferOffset + length);
  }
}

/**
 * Returns the offset of an entry's data in the file of a part. The data is behind the entry's local header, which has
 * a variable length.
 */
export function locateData(reader: Pick<SlidingReader, 'slice'>, offset: number, limit: number): number {
  const header = localHeaderLength(reader.slice(offset, LOCAL_HEADER_BYTES), 0);
  if (header === undefined) throw new InvalidInput('CorruptArchive', 'has no local header at its offset');
  if (offset + header > limit)
    throw new InvalidInput('CorruptArchive', 'reaches beyond the data of the archive');
  return offset + header;
}

/**
 * Creates the error for data that does not match the central directory. The workflow then downloads the part once more.
 * The messages in this file lack the entry as their subject: `withEntryName` adds it.
 */
export const corruptEntry = (why: string): InvalidInput => new InvalidInput('CorruptEntry', why);

/** Puts the entry in front of the message of an `InvalidInput`. Returns any other error unchanged. */
export function withEntryName(error: unknown, entry: string): unknown {
  return error instanceof InvalidInput
    ? new InvalidInput(error.type, `${entry} ${error.message}`, { cause: error })
    : error;
}

/** Translates an error of zlib into `CorruptEntry`. Returns any other error unchanged. */
export function translateInflateError(error: unknown, size: number): unknown {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (code === 'ERR_BUFFER_TOO_LARGE')
    return corruptEntry(`has more than the ${size} bytes that it declares`);
  if (code.startsWith('Z_')) return corruptEntry(`is damaged: ${message}`);
  return error;
}

/** Throws `CorruptEntry` if the length or the CRC-32 differs from the value in the central directory. */
export function checkContent(
  declared: Pick<DirectoryRecord, 'size' | 'crc32'>,
  size: number,
  crc32: number,
): void {
  if (size !== declared.size) throw corruptEntry(`has ${size} bytes but declares ${declared.size}`);
  if (crc32 !== declared.crc32) {
    throw corruptEntry(`has the CRC-32 ${hex(crc32)} but declares ${hex(declared.crc32)}`);
  }
}

const hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');

/** Returns the checked content of a small entry. */
export function readSmallContent(record: DirectoryRecord, data: Buffer): Buffer {
  if (data.length < record.compressedSize) throw corruptEntry('is truncated');
  // Some archivers write an empty file as deflated data of 0 bytes, which zlib would call damaged.
  const isDeflated = record.method === DEFLATED && record.compressedSize > 0;
  const content = isDeflated ? inflateSmall(record, data) : data;
  checkContent(record, content.length, zlibCrc32(content));
  return content;
}

function inflateSmall({ size }: DirectoryRecord, data: Buffer): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size + 1, 64) });
  } catch (error) {
    throw translateInflateError(error, size);
  }
}

/** Opens the data of a large entry in a file. */
export function openData({ compressedSize }: DirectoryRecord, path: string, start: number): Readable {
  // `createReadStream` cannot read 0 bytes. Plans of earlier versions of Sluice can have an entry without data.
  if (compressedSize === 0) return Readable.from([]);
  const end = start + compressedSize - 1;
  return createReadStream(path, { start, end, highWaterMark: CHUNK_BYTES });
}

/**
 * Yields the content of a large entry in pieces; `source` has its data. The check of the CRC-32 comes after the last
 * piece.
 */
export async function* streamLargeContent(record: DirectoryRecord, source: Readable): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const content = record.method === DEFLATED ? source.pipe(inflate) : source;
  source.once('error', (error) => inflate.destroy(error));
  let size = 0;
  let crc = 0;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > record.size) throw corruptEntry(`has more than the ${record.size} bytes that it declares`);
      crc = zlibCrc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    throw translateInflateError(error, record.size);
  } finally {
    source.destroy();
    inflate.destroy();
  }
  checkContent(record, size, crc);
}
