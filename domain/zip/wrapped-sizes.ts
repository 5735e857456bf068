/**
 * Archives of macOS over 4 GiB. The Archive Utility does not use ZIP64: offsets and sizes are stored modulo 2^32. The
 * functions in this file find the real values, and write them into the directory as ZIP64 fields. So no other code
 * needs to know about such archives.
 */

import { ArchiveProblem, type Read } from './archive-file.ts';
import { type DirectoryLayout, type DirectoryRecord, readDirectory, readLayout } from './directory-record.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from './local-header.ts';

const WRAP = 2 ** 32;
const STORED = 0;
const DEFLATED = 8;
const ZIP64_FIELD = 0x0001;
const ZIP64_BYTES = 4 + 3 * 8;

/** What the macOS Archive Utility writes as "version made by": Unix, version 2.1. */
const MADE_BY_MACOS = 0x0315;
/** Bit 3 of the flags. The Archive Utility sets it, too. */
const DATA_DESCRIPTOR = 0x8;

/**
 * Compressed data is at most this many times as long as the original data, plus `MAX_DEFLATED_EXTRA`. The longest code
 * of the fixed Huffman tables has 9 bits.
 */
const MAX_DEFLATED_RATIO = 9 / 8;
const MAX_DEFLATED_EXTRA = 64 * 1024;

/** Deflate cannot compress more (zlib, "Maximum Compression Factor"). */
const MAX_INFLATED_RATIO = 1_032;

/**
 * The highest compression ratio that is assumed for a file of macOS. If MAX_INFLATED_RATIO was assumed, most archives
 * of macOS would be read twice.
 */
const MAX_ASSUMED_RATIO = 100;

type Sizes = Pick<DirectoryRecord, 'size' | 'compressedSize' | 'localOffset'>;

/** Returns true if all offsets in the archive are too small by a multiple of 2^32. */
export const isWrapped = (shift: number): boolean => shift > 0 && shift % WRAP === 0;

/**
 * Returns the directory of an archive over 4 GiB with the real offsets and compressed sizes. Sizes of deflated files
 * stay modulo 2^32. Reads a few local headers, because an offset alone does not show how often it has wrapped.
 * Throws `ArchiveProblem` if an entry has no local header at any possible offset.
 */
export async function unwrapDirectory(directory: Buffer, read: Read, dataEnd: number): Promise<Buffer> {
  const { starts, minEnds } = await findStarts(directory, read, dataEnd);
  return rewriteSizes(directory, starts.length, ({ method, size, compressedSize: compressed }, row) => {
    const missing = Math.floor(((starts[row + 1] ?? dataEnd) - (minEnds[row] ?? 0)) / WRAP);
    const compressedSize = compressed + Math.max(0, missing) * WRAP;
    const isStored = method === STORED && size === compressed;
    return { compressedSize, localOffset: starts[row] ?? 0, size: isStored ? compressedSize : size };
  });
}

/**
 * Returns the real offset of each entry, and where its data would end if the data had less than 4 GiB. Entries follow
 * each other in the file, so an offset that is smaller than the one before has wrapped. After an entry of more than
 * 4 GiB, the next offset has wrapped, but it can still be larger than the one before. Then no local header is at the
 * assumed offset. All entries before an entry with a correct offset are correct, too, so the first wrong one is found
 * by binary search.
 */
async function findStarts(
  directory: Buffer,
  read: Read,
  dataEnd: number,
): Promise<Pick<DirectoryLayout, 'starts' | 'minEnds'>> {
  const { starts, minEnds } = readLayout(directory, 0);
  const last = starts.length - 1;
  const recordAt = new Float64Array(starts.length);
  let row = 0;
  for (const { at } of readDirectory(directory)) recordAt[row++] = at;
  const move = (from: number, bytes: number): void => {
    let moved = bytes;
    for (let row = from; row <= last; row++) {
      const missing = (minEnds[row - 1] ?? 0) - (starts[row] ?? 0) - moved;
      if (missing > 0) moved += Math.ceil(missing / WRAP) * WRAP;
      starts[row] = (starts[row] ?? 0) + moved;
      minEnds[row] = (minEnds[row] ?? 0) + moved;
    }
  };
  const isCorrect = async (row: number): Promise<boolean> => {
    const record = recordAt[row] ?? 0;
    const name = directory.subarray(record + 46, record + 46 + directory.readUInt16LE(record + 28));
    const start = starts[row] ?? 0;
    const end = start + LOCAL_HEADER_BYTES + name.length;
    if (end > dataEnd) return false;
    const header = await read(start, end);
    return localHeaderLength(header, 0) !== undefined && header.subarray(LOCAL_HEADER_BYTES).equals(name);
  };

  move(0, 0);
  let correct = -1;
  while (!(await isCorrect(last))) {
    let wrong = last;
    while (wrong - correct > 1) {
      const middle = Math.floor((correct + wrong) / 2);
      if (await isCorrect(middle)) correct = middle;
      else wrong = middle;
    }
    if ((starts[wrong] ?? 0) + WRAP > dataEnd) {
      throw new ArchiveProblem(
        'CorruptArchive',
        'it has more than 4 GiB without ZIP64, and its entries are not where its central directory says that they are',
      );
    }
    move(wrong, WRAP);
  }
  return { starts, minEnds };
}

/**
 * Returns the directory with the sizes and offsets that `sizesOf` returns. A record stays unchanged if `sizesOf`
 * returns undefined for it. At most `maxChanges` records may change.
 */
function rewriteSizes(
  directory: Buffer,
  maxChanges: number,
  sizesOf: (record: DirectoryRecord, row: number) => Sizes | undefined,
): Buffer {
  // One buffer instead of millions of slices, which would not fit into the heap.
  const rewritten = Buffer.allocUnsafe(directory.length + maxChanges * ZIP64_BYTES);
  let row = 0;
  let length = 0;
  for (const record of readDirectory(directory)) {
    const slice = directory.subarray(record.at, record.at + record.length);
    const sizes = sizesOf(record, row++);
    length += (sizes === undefined ? slice : widenRecord(slice, sizes)).copy(rewritten, length);
  }
  return rewritten.subarray(0, length);
}

/** Returns a record with these values in a ZIP64 field (APPNOTE 4.5.3). */
function widenRecord(record: Buffer, { size, compressedSize, localOffset }: Sizes): Buffer {
  if (Math.max(size, compressedSize, localOffset) < 0xffffffff) return record;
  const nameEnd = 46 + record.readUInt16LE(28);
  const extraBytes = record.readUInt16LE(30);
  const field = Buffer.alloc(ZIP64_BYTES);
  field.writeUInt16LE(ZIP64_FIELD, 0);
  field.writeUInt16LE(ZIP64_BYTES - 4, 2);
  for (const [at, value] of [size, compressedSize, localOffset].entries())
    field.writeBigUInt64LE(BigInt(value), 4 + at * 8);
  const old = record.subarray(nameEnd, nameEnd + extraBytes);
  // The first ZIP64 field counts. An extra field has at most 65,535 bytes.
  const extra = old.length + ZIP64_BYTES > 0xffff ? field : Buffer.concat([field, old]);
  const head = Buffer.from(record.subarray(0, nameEnd));
  head.writeUInt32LE(0xffffffff, 20);
  head.writeUInt32LE(0xffffffff, 24);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(0xffffffff, 42);
  return Buffer.concat([head, extra, record.subarray(nameEnd + extraBytes)]);
}

/**
 * Returns true for a deflated entry that may be larger than 4 GiB. The directory may then have the entry's size modulo
 * 2^32, and only the inflated data shows the real size. `wrapped` is true if `unwrapDirectory` returned the directory.
 */
export function hasUnknownSize(
  { compressedSize, method, size, flags, at }: DirectoryRecord,
  directory: Buffer,
  { wrapped }: { readonly wrapped: boolean },
): boolean {
  if (method !== DEFLATED || size >= WRAP || compressedSize * MAX_INFLATED_RATIO < size + WRAP) return false;
  const isImpossible = compressedSize > size * MAX_DEFLATED_RATIO + MAX_DEFLATED_EXTRA;
  const isByMacos =
    wrapped || (directory.readUInt16LE(at + 4) === MADE_BY_MACOS && (flags & DATA_DESCRIPTOR) !== 0);
  return isImpossible || (isByMacos && compressedSize * MAX_ASSUMED_RATIO >= size + WRAP);
}

/** Returns the directory with the measured sizes. `sizes` maps the offset of an entry's record to the entry's size. */
export function withMeasuredSizes(directory: Buffer, sizes: ReadonlyMap<number, number>): Buffer {
  if (sizes.size === 0) return directory;
  return rewriteSizes(directory, sizes.size, (record) => {
    const size = sizes.get(record.at);
    return size === undefined ? undefined : { ...record, size };
  });
}

/** Returns true if `size` is larger than `declared`, the size in the directory, and equal to it modulo 2^32. */
export const agreesModulo32Bit = (size: number, declared: number): boolean =>
  size > declared && (size - declared) % WRAP === 0;
