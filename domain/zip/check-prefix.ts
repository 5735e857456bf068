import { EXECUTABLE_BYTES, searchStart } from './executable.ts';
import { findContainer, identifyDiskImage, identifyFormat } from './file-format.ts';
import { findZipDirectory, findZipStructure, startsWithLocalHeader } from './find-zip-structure.ts';
import { ArchiveProblem, type Read, searchRange } from './unused-bytes.ts';

/** The bytes in front of the first entry of an archive. */
export interface ArchivePrefix {
  readonly read: Read;
  /** The offset of the first entry. */
  readonly end: number;
  /**
   * True if the offsets in the archive include the length of the prefix. Then entries in the prefix are deleted entries
   * of this archive.
   */
  readonly isCounted: boolean;
  /** True if more than padding follows the archive. */
  readonly hasSuffix: boolean;
  /** Returns what to throw if the prefix has parts of another zip archive. */
  readonly explain: () => Promise<ArchiveProblem>;
}

/** A whole archive lies in front of another one. */
export class ArchiveInFront extends ArchiveProblem {
  constructor(end: number) {
    super(
      'CorruptArchive',
      `another archive lies in front of it, in bytes 0 to ${end}; upload each archive as its own object`,
    );
  }
}

/**
 * Throws `ArchiveProblem` if the bytes in front of the first entry contain an archive or the start of one, or if the
 * archive is a part of the data of another file. Accepts self-extractors, for example.
 */
export async function checkPrefix({
  read,
  end,
  isCounted,
  hasSuffix,
  explain,
}: ArchivePrefix): Promise<void> {
  const head = await read(0, Math.min(EXECUTABLE_BYTES, end));
  const format = identifyFormat(head) ?? (await identifyDiskImage(head, read, end));
  if (format !== undefined && (format.isContainer || hasSuffix))
    throw new ArchiveProblem('NotAZip', `it is ${format.name}, not a zip archive`);
  const start = searchStart(head, end);
  if (isCounted) {
    if ((await searchRange(read, { start, end }, findZipDirectory)) !== undefined) throw await explain();
    return;
  }
  if (start < end && startsWithLocalHeader(await read(start, Math.min(start + 4, end))))
    throw await explain();
  const found = await searchRange(read, { start, end }, (bytes) => {
    const container = findContainer(bytes);
    if (container === undefined) return findZipStructure(bytes);
    const at = start + container.at;
    throw new ArchiveProblem('CorruptArchive', `${container.name} lies in front of it, at byte ${at}`);
  });
  if (found !== undefined) throw await explain();
}
