import { parseExtraFields } from 'yauzl';

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
  /** Unix file mode; 0 if the host is not Unix. */
  readonly mode: number;
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
    // APPNOTE 4.3.13: a digital signature may follow the last entry.
    if (at + 4 <= directory.length && directory.readUInt32LE(at) === 0x05054b50) return;
    if (at + FIXED_BYTES > directory.length) throw new CorruptDirectory(at, 'it ends within an entry');
    const record = readRecord(directory, at);
    yield record;
    at += record.length;
  }
}

function readRecord(directory: Buffer, at: number): DirectoryRecord {
  if (directory.readUInt32LE(at) !== DIRECTORY_SIGNATURE)
    throw new CorruptDirectory(at, 'no entry starts there');
  const nameEnd = at + FIXED_BYTES + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const end = extraEnd + directory.readUInt16LE(at + 32);
  if (end > directory.length) throw new CorruptDirectory(at, 'an entry reaches beyond its end');
  const host = directory.readUInt8(at + 5);
  const extra = extraEnd > nameEnd ? extraFields(directory.subarray(nameEnd, extraEnd)) : [];
  return {
    at,
    length: end - at,
    host,
    flags: directory.readUInt16LE(at + 8),
    method: directory.readUInt16LE(at + 10),
    crc32: directory.readUInt32LE(at + 16),
    mode: host === 3 || host === 19 ? directory.readUInt16LE(at + 40) : 0,
    name: directory.subarray(at + FIXED_BYTES, nameEnd),
    extra,
    ...zip64Sizes(
      {
        size: directory.readUInt32LE(at + 24),
        compressedSize: directory.readUInt32LE(at + 20),
        localOffset: directory.readUInt32LE(at + 42),
      },
      extra,
    ),
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

/** The ZIP64 field has values only for sizes that are 0xffffffff: size, compressed size, offset, in this order. */
function zip64Sizes(sizes: Sizes, extra: readonly ExtraField[]): Sizes {
  const saturated = 0xffffffff;
  if (sizes.size !== saturated && sizes.compressedSize !== saturated && sizes.localOffset !== saturated)
    return sizes;
  const data = extra.find(({ id }) => id === ZIP64_FIELD)?.data;
  if (data === undefined) return sizes;
  let at = 0;
  const widen = (narrow: number): number => {
    if (narrow !== saturated || at + 8 > data.length) return narrow;
    at += 8;
    return Number(data.readBigUInt64LE(at - 8));
  };
  return {
    size: widen(sizes.size),
    compressedSize: widen(sizes.compressedSize),
    localOffset: widen(sizes.localOffset),
  };
}
