/** A file format that is not ZIP. */
export interface FileFormat {
  /** For messages, with article: `a tar archive`. */
  readonly name: string;
  /**
   * True for formats that hold other files or data, such as archives, compressed data and disk images. A zip behind
   * such a start is rejected, because it may be a part of that data.
   */
  readonly isContainer: boolean;
}

/** `identifyFormat` needs this many bytes from the start of a file. */
export const FORMAT_BYTES = 512;

const MAGICS: readonly (readonly [magic: string, name: string, isContainer: boolean])[] = [
  ['1f8b08', 'gzip data', true],
  ['425a68', 'bzip2 data', true],
  ['fd377a585a00', 'xz data', true],
  ['28b52ffd', 'Zstandard data', true],
  ['377abcaf271c', 'a 7z archive', true],
  ['526172211a07', 'a RAR archive', true],
  ['4d534346', 'a cabinet archive', true],
  ['213c617263683e0a', 'an ar archive', true],
  ['78617221', 'a XAR archive', true],
  ['1f9d90', 'compress data', true],
  ['04224d18', 'LZ4 data', true],
  ['4c5a4950', 'lzip data', true],
  ['edabeedb', 'an RPM package', true],
  ['4d5357494d000000', 'a WIM archive', true],
  ['303730373031', 'a cpio archive', true],
  ['303730373032', 'a cpio archive', true],
  ['303730373037', 'a cpio archive', true],
  ['d0cf11e0a1b11ae1', 'an OLE file, such as an encrypted Office document', true],
  ['68737173', 'a SquashFS image', true],
  ['73717368', 'a SquashFS image', true],
  ['453dcd28', 'a cramfs image', true],
  ['2d726f6d3166732d', 'a romfs image', true],
  ['514649fb', 'a QCOW disk image', true],
  ['4b444d56', 'a VMDK disk image', true],
  ['7668647866696c65', 'a VHDX disk image', true],
  ['636f6e6563746978', 'a VHD disk image', true],
  ['255044462d', 'a PDF document', false],
  ['89504e47', 'a PNG image', false],
  ['ffd8ff', 'a JPEG image', false],
];

/** Identifies the format of a file from its first bytes. Returns undefined for all unknown formats, and for ZIP. */
export function identifyFormat(head: Buffer): FileFormat | undefined {
  for (const [magic, name, isContainer] of MAGICS) {
    const bytes = Buffer.from(magic, 'hex');
    if (head.subarray(0, bytes.length).equals(bytes)) return { name, isContainer };
  }
  for (const [matches, name] of CONTAINERS) if (matches(head)) return { name, isContainer: true };
  const text = head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase();
  if (/^<(!doctype html|html)/.test(text)) return { name: 'an HTML page', isContainer: false };
  if (text.startsWith('<?xml')) return { name: 'an XML document', isContainer: false };
  return undefined;
}

/** Formats without a magic at their start that is long enough. */
const CONTAINERS: readonly (readonly [matches: (head: Buffer) => boolean, name: string])[] = [
  [(head) => isTarHeader(head), 'a tar archive'],
  [isArjHeader, 'an ARJ archive'],
  [(head) => /^-l[hz][0-9a-z]-$/.test(head.toString('latin1', 2, 7)), 'an LHA archive'],
  [isBinaryCpio, 'a cpio archive'],
  [isStoredZlib, 'zlib data'],
  [isBootSector, 'a disk image'],
  [
    (head) => /^--[^\r\n]{1,200}\r?\nContent-[\w-]+:/i.test(head.toString('latin1')),
    'the body of a form or message with several parts',
  ],
];

/** The binary format of old cpio versions, with either byte order. Source: FreeBSD, "cpio(5)". */
function isBinaryCpio(head: Buffer): boolean {
  if (head.length < 28) return false;
  const magic = head.readUInt16LE(0);
  if (magic !== 0o070707 && magic !== 0xc771) return false;
  const nameBytes = magic === 0o070707 ? head.readUInt16LE(20) : head.readUInt16BE(20);
  return nameBytes >= 2 && nameBytes <= 1_024 && (26 + nameBytes > head.length || head[25 + nameBytes] === 0);
}

/** The first sector of a file system for DOS or Windows, or of a disk with partitions. Source: Microsoft, "FAT". */
function isBootSector(head: Buffer): boolean {
  if (head.length < 512 || head.readUInt16BE(510) !== 0x55aa) return false;
  if (head[0] === 0xe9 || (head[0] === 0xeb && head[2] === 0x90)) return true;
  const partitions = [446, 462, 478, 494].map((at) => head.subarray(at, at + 16));
  return (
    partitions.every(([status]) => status === 0 || status === 0x80) &&
    partitions.some((partition) => partition[4] !== 0)
  );
}

/** Zlib data that starts with a stored block. Source: RFC 1950, 2.2, and RFC 1951, 3.2.4. */
function isStoredZlib(head: Buffer): boolean {
  if (head.length < 7 || head[0] !== 0x78 || head.readUInt16BE(0) % 31 !== 0) return false;
  return (head.readUInt8(2) & 6) === 0 && (head.readUInt16LE(3) ^ head.readUInt16LE(5)) === 0xffff;
}

/** Only magics of at least this many bytes are searched for inside a file. Other data often contains shorter ones. */
const MIN_SEARCHED_BYTES = 6;

/**
 * Finds the start of a container anywhere in `bytes`, such as the archive behind the program of a self-extractor.
 * Returns its offset.
 */
export function findContainer(bytes: Buffer): { readonly name: string; readonly at: number } | undefined {
  for (const [magic, name, isContainer] of MAGICS) {
    // The magics of cpio are digits, which are also in scripts.
    if (!isContainer || magic.length < 2 * MIN_SEARCHED_BYTES || name === 'a cpio archive') continue;
    const at = bytes.indexOf(magic, 0, 'hex');
    if (at >= 0) return { name, at };
  }
  const sums = new ByteSums(bytes);
  for (let at = bytes.indexOf('ustar'); at >= 0; at = bytes.indexOf('ustar', at + 1)) {
    const start = at - 257;
    if (start >= 0 && isTarHeader(bytes, start, sums)) return { name: 'a tar archive', at: start };
  }
  return undefined;
}

/** The magic of ARJ has only two bytes, so the sizes in the header are checked, too. Source: ARJ, "technote.txt". */
function isArjHeader(head: Buffer): boolean {
  if (head.length < 5 || head.readUInt16BE(0) !== 0x60ea) return false;
  const size = head.readUInt16LE(2);
  const fixedSize = head.readUInt8(4);
  return fixedSize >= 30 && fixedSize <= size && size <= 2_600;
}

/** File systems whose magic is not at their start. Sources: ECMA-119, 8.1; Linux, "ext4"; Apple, TN1150. */
const FILE_SYSTEMS: readonly (readonly [at: number, magic: string, name: string])[] = [
  [0x438, '53ef', 'an ext file system image'],
  [0x400, '482b0004', 'an HFS+ disk image'],
  [0x400, '48580005', 'an HFS+ disk image'],
  [0x8001, '4344303031', 'an ISO 9660 image'],
];

/** Identifies an image of a disk, CD or DVD in the bytes of a file from 0 to `end`. `head` is the start of these bytes. */
export async function identifyDiskImage(
  head: Buffer,
  read: (start: number, end: number) => Promise<Buffer>,
  end: number,
): Promise<FileFormat | undefined> {
  for (const [at, magic, name] of FILE_SYSTEMS) {
    const expected = Buffer.from(magic, 'hex');
    const magicEnd = at + expected.length;
    if (end < magicEnd) continue;
    const found = magicEnd <= head.length ? head.subarray(at, magicEnd) : await read(at, magicEnd);
    if (found.equals(expected)) return { name, isContainer: true };
  }
  return undefined;
}

/**
 * Checks for the header of a tar file at `at`. Source: POSIX.1-2017, pax, "ustar Interchange Format". Old tar files
 * have no `ustar`, but the same checksum. Some tools add up signed bytes.
 */
function isTarHeader(bytes: Buffer, at = 0, sums = new ByteSums(bytes)): boolean {
  if (at + 512 > bytes.length || bytes[at] === 0) return false;
  const declared = octalNumber(bytes, at + 148, at + 156);
  if (declared === undefined) return false;
  // The checksum counts its own eight bytes as blanks.
  const blanks = 8 * 32;
  const sumOf = (signed: boolean): number =>
    sums.of(at, at + 148, signed) + blanks + sums.of(at + 156, at + 512, signed);
  return declared === sumOf(false) || declared === sumOf(true);
}

/** Returns the octal number in a field, which may begin with blanks and ends with another character than a digit. */
function octalNumber(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  while (at < end && bytes[at] === 0x20) at++;
  let value: number | undefined;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = (value ?? 0) * 8 + digit;
  }
  return value;
}

/**
 * Sums of bytes. After the first call, each sum takes the same short time, also for a long range. This is necessary
 * because a hostile file can have a possible header at every few bytes.
 */
class ByteSums {
  readonly #bytes: Buffer;
  /** The sum of the bytes in front of each offset, and the number of those over 127. */
  #before: { readonly sum: Uint32Array; readonly over127: Uint32Array } | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  of(start: number, end: number, signed: boolean): number {
    this.#before ??= this.#add();
    const { sum, over127 } = this.#before;
    const difference = (sums: Uint32Array): number => (sums[end] ?? 0) - (sums[start] ?? 0);
    return difference(sum) - (signed ? 256 * difference(over127) : 0);
  }

  #add(): { sum: Uint32Array; over127: Uint32Array } {
    const sum = new Uint32Array(this.#bytes.length + 1);
    const over127 = new Uint32Array(this.#bytes.length + 1);
    for (let at = 0; at < this.#bytes.length; at++) {
      const byte = this.#bytes[at] ?? 0;
      sum[at + 1] = (sum[at] ?? 0) + byte;
      over127[at + 1] = (over127[at] ?? 0) + (byte > 127 ? 1 : 0);
    }
    return { sum, over127 };
  }
}
