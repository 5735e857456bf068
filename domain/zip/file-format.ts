/** A file format that is not ZIP. */
export interface FileFormat {
  /** For messages, with article: `a tar archive`. */
  readonly name: string;
  /** True if a file of this format can contain a whole zip archive as data. */
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
  if (isTarHeader(head)) return { name: 'a tar archive', isContainer: true };
  if (isArjHeader(head)) return { name: 'an ARJ archive', isContainer: true };
  if (/^-l[hz][0-9a-z]-$/.test(head.toString('latin1', 2, 7)))
    return { name: 'an LHA archive', isContainer: true };
  const text = head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase();
  if (/^<(!doctype html|html)/.test(text)) return { name: 'an HTML page', isContainer: false };
  if (text.startsWith('<?xml')) return { name: 'an XML document', isContainer: false };
  return undefined;
}

/** The magic of ARJ has only two bytes, so the sizes in the header are checked, too. Source: ARJ, "technote.txt". */
function isArjHeader(head: Buffer): boolean {
  if (head.length < 5 || head.readUInt16BE(0) !== 0x60ea) return false;
  const size = head.readUInt16LE(2);
  const fixedSize = head.readUInt8(4);
  return fixedSize >= 30 && fixedSize <= size && size <= 2_600;
}

/** The first volume descriptor of ISO 9660 starts with this text, at this offset. */
const ISO_9660 = { at: 0x8001, text: 'CD001' } as const;

/** Identifies an image of a CD or DVD in the bytes of a file from 0 to `end`. */
export async function identifyDiskImage(
  read: (start: number, end: number) => Promise<Buffer>,
  end: number,
): Promise<FileFormat | undefined> {
  const { at, text } = ISO_9660;
  if (end < at + text.length) return undefined;
  const found = (await read(at, at + text.length)).toString('latin1');
  return found === text ? { name: 'an ISO 9660 image', isContainer: true } : undefined;
}

/** `endOfExecutable` needs this many bytes from the start of a file. */
export const EXECUTABLE_BYTES = 4_096;

/**
 * Returns the offset at which a Windows program ends. In a self-extractor, an archive follows the program. The program
 * itself may contain other archives as resources. Returns 0 for any other file. Source: Microsoft, "PE Format".
 */
export function endOfExecutable(head: Buffer): number {
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return 0;
  const header = head.readUInt32LE(0x3c);
  if (header + 24 > head.length || head.toString('latin1', header, header + 4) !== 'PE\0\0') return 0;
  const sections = header + 24 + head.readUInt16LE(header + 20);
  let end = 0;
  for (let row = 0; row < head.readUInt16LE(header + 6); row++) {
    const at = sections + row * 40;
    if (at + 40 > head.length) return 0;
    end = Math.max(end, head.readUInt32LE(at + 20) + head.readUInt32LE(at + 16));
  }
  return end;
}

/** Source: POSIX.1-2017, pax, "ustar Interchange Format". Old tar files have no `ustar`, but the same checksum. */
function isTarHeader(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  const declared = Number.parseInt(head.toString('latin1', 148, 156), 8);
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : (head[at] ?? 0);
  return declared === sum;
}
