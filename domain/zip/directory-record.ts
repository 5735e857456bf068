import { parseExtraFields } from 'yauzl';
import { LOCAL_HEADER_BYTES } from './local-header.ts';

/** Source: PKWARE APPNOTE.TXT 6.3.10, 4.3.12 (central directory header) and 4.5.3 (ZIP64 extra field). */
export const DIRECTORY_SIGNATURE = 0x02014b50;
const FIXED_BYTES = 46;
const ZIP64_FIELD = 0x0001;

export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

/** One entry of the central directory. `at` and `length` locate the record within the directory. */
export interface DirectoryRecord {
  readonly at: number;
  readonly length: number;
  /** Upper byte of "version made by": 0 is DOS, 3 Unix, 10 NTFS, 19 macOS. */
  readonly host: number;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Unix file mode; 0 if the host is neither Unix nor macOS. */
  readonly mode: number;
  /** The directory bit of DOS, which archivers on all hosts set. */
  readonly directoryBit: boolean;
  readonly localOffset: number;
  readonly name: Buffer;
  readonly extra: readonly ExtraField[];
}

/** The central directory is damaged. `at` is an offset within the directory. */
export class CorruptDirectory extends Error {
  constructor(at: number, why: string) {
    super(`the central directory is damaged at byte ${at}: ${why}`);
    this.name = 'CorruptDirectory';
  }
}

/**
 * Reads a whole central directory up to its last byte. Ignores the declared number of entries: common tools write
 * 16-bit counts modulo 65,536.
 * Throws `CorruptDirectory` if the bytes are inconsistent.
 */
export function* readDirectory(directory: Buffer): Generator<DirectoryRecord> {
  let at = 0;
  while (at < directory.length) {
    const end = recordEnd(directory, at);
    if (end === undefined) return;
    yield readRecord(directory, at, end);
    at = end;
  }
}

/** Where the data of the entries is, in the order of the directory. Offsets are from the start of the file. */
export interface DirectoryLayout {
  /** The offset of each local header. */
  readonly starts: Float64Array;
  /** Compressed bytes of each entry. */
  readonly compressed: Float64Array;
  /**
   * The end of each entry's data under two assumptions: the name in the local header is as long as the name in the
   * directory, and the local header has no extra field.
   */
  readonly minEnds: Float64Array;
}

/**
 * Reads a whole directory for its layout alone, which takes a fraction of the time and memory of `readDirectory`. Stops
 * after one more entry than `maxEntries`.
 */
export function readLayout(
  directory: Buffer,
  shift: number,
  maxEntries = Number.POSITIVE_INFINITY,
): DirectoryLayout {
  const rows = Math.min(Math.floor(directory.length / FIXED_BYTES), maxEntries + 1);
  const starts = new Float64Array(rows);
  const compressed = new Float64Array(rows);
  const minEnds = new Float64Array(rows);
  let row = 0;
  for (let at = 0; at < directory.length && row <= maxEntries; row++) {
    const end = recordEnd(directory, at);
    if (end === undefined) break;
    const sizes = sizesAt(directory, at);
    const nameBytes = directory.readUInt16LE(at + 28);
    const { compressedSize, localOffset } = isSaturated(sizes) ? readRecord(directory, at, end) : sizes;
    starts[row] = localOffset + shift;
    compressed[row] = compressedSize;
    minEnds[row] = localOffset + shift + LOCAL_HEADER_BYTES + nameBytes + compressedSize;
    at = end;
  }
  return {
    starts: starts.subarray(0, row),
    compressed: compressed.subarray(0, row),
    minEnds: minEnds.subarray(0, row),
  };
}

/** Returns the end of the record at `at`; undefined if no further record follows. */
function recordEnd(directory: Buffer, at: number): number | undefined {
  // APPNOTE 4.3.13: a digital signature may follow the last entry. It fills the rest of the directory.
  if (at + 6 <= directory.length && directory.readUInt32LE(at) === 0x05054b50) {
    if (at + 6 + directory.readUInt16LE(at + 4) === directory.length) return undefined;
    throw new CorruptDirectory(at, 'a digital signature does not end where the directory ends');
  }
  if (at + FIXED_BYTES > directory.length) throw new CorruptDirectory(at, 'it ends within an entry');
  if (directory.readUInt32LE(at) !== DIRECTORY_SIGNATURE)
    throw new CorruptDirectory(at, 'no entry starts there');
  const variable =
    directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  const end = at + FIXED_BYTES + variable;
  if (end > directory.length) throw new CorruptDirectory(at, 'an entry reaches beyond its end');
  return end;
}

function readRecord(directory: Buffer, at: number, end: number): DirectoryRecord {
  const nameEnd = at + FIXED_BYTES + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const host = directory.readUInt8(at + 5);
  const extra = extraEnd > nameEnd ? extraFields(directory.subarray(nameEnd, extraEnd)) : [];
  return {
    at,
    length: end - at,
    host,
    flags: directory.readUInt16LE(at + 8),
    method: directory.readUInt16LE(at + 10),
    crc32: directory.readUInt32LE(at + 16),
    directoryBit: (directory.readUInt8(at + 38) & 0x10) !== 0,
    mode: host === 3 || host === 19 ? directory.readUInt16LE(at + 40) : 0,
    name: directory.subarray(at + FIXED_BYTES, nameEnd),
    extra,
    ...zip64Sizes(sizesAt(directory, at), extra),
  };
}

/** Extra fields are often malformed (padding, truncation). Sluice does not reject an entry for a malformed field. */
function extraFields(bytes: Buffer): readonly ExtraField[] {
  try {
    return parseExtraFields(bytes);
  } catch {
    return [];
  }
}

interface Sizes {
  readonly size: number;
  readonly compressedSize: number;
  readonly localOffset: number;
}

const SATURATED = 0xffffffff;

const sizesAt = (directory: Buffer, at: number): Sizes => ({
  size: directory.readUInt32LE(at + 24),
  compressedSize: directory.readUInt32LE(at + 20),
  localOffset: directory.readUInt32LE(at + 42),
});

const isSaturated = ({ size, compressedSize, localOffset }: Sizes): boolean =>
  size === SATURATED || compressedSize === SATURATED || localOffset === SATURATED;

/** The ZIP64 field has values only for fields that are 0xffffffff: size, compressed size, offset, in this order. */
function zip64Sizes(sizes: Sizes, extra: readonly ExtraField[]): Sizes {
  if (!isSaturated(sizes)) return sizes;
  const data = extra.find(({ id }) => id === ZIP64_FIELD)?.data;
  if (data === undefined) return sizes;
  let at = 0;
  const widen = (narrow: number): number => {
    if (narrow !== SATURATED || at + 8 > data.length) return narrow;
    at += 8;
    return Number(data.readBigUInt64LE(at - 8));
  };
  return {
    size: widen(sizes.size),
    compressedSize: widen(sizes.compressedSize),
    localOffset: widen(sizes.localOffset),
  };
}
