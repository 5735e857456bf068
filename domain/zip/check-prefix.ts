import { ArchiveProblem } from './archive-file.ts';
import { endsWithArchive } from './archive-in-front.ts';
import { EXECUTABLE_BYTES, searchStart } from './executable.ts';
import { findContainer, identifyDiskImage, identifyFormat } from './file-format.ts';
import type { FileSearch } from './file-search.ts';
import { findZipDirectory, findZipStructure, startsWithLocalHeader } from './find-zip-structure.ts';

/** The bytes in front of the first entry of an archive. */
export interface ArchivePrefix {
  /** The offset of the first entry. */
  readonly end: number;
  readonly fileSize: number;
  /**
   * True if the offsets in the archive include the length of the prefix. Then entries in the prefix are deleted entries
   * of this archive.
   */
  readonly isCounted: boolean;
  /** True if more than padding follows the archive. */
  readonly hasSuffix: boolean;
}

/**
 * Throws `ArchiveProblem` if the bytes in front of the first entry contain an archive or the start of one, or if the
 * archive is a part of the data of another file. Accepts self-extractors, for example.
 */
export async function checkPrefix(
  { end, fileSize, isCounted, hasSuffix }: ArchivePrefix,
  search: FileSearch,
): Promise<void> {
  const { read } = search;
  const head = await read(0, Math.min(EXECUTABLE_BYTES, end));
  const format = identifyFormat(head) ?? (await identifyDiskImage(head, read, end));
  if (format !== undefined && (format.isContainer || hasSuffix))
    throw new ArchiveProblem('NotAZip', `it is ${format.name}, not a zip archive`);
  const start = searchStart(head, end);
  const explain = async (): Promise<ArchiveProblem> =>
    (await endsWithArchive(end, search)) ? archiveInFront(end) : cutOff(fileSize);
  if (isCounted) {
    const found = await search.firstInPrefix({ start, end }, findZipDirectory, 'directories');
    if (found !== undefined) throw await explain();
    return;
  }
  if (start < end && startsWithLocalHeader(await read(start, Math.min(start + 4, end))))
    throw await explain();
  const find = (bytes: Buffer) => findContainer(bytes) ?? findZipStructure(bytes);
  const found = await search.firstInPrefix({ start, end }, find, 'structures');
  if (found === undefined) return;
  if (found.name === undefined) throw await explain();
  throw new ArchiveProblem('CorruptArchive', `${found.name} lies in front of it, at byte ${found.at}`);
}

/** A whole archive lies in front of another one. */
const archiveInFront = (end: number): ArchiveProblem =>
  new ArchiveProblem(
    'CorruptArchive',
    `another archive lies in front of it, in bytes 0 to ${end}; upload each archive as its own object`,
  );

/** The start of an archive without its end. */
export const cutOff = (size: number): ArchiveProblem =>
  new ArchiveProblem('NotAZip', `it is cut off at byte ${size}: its central directory is missing`);
