/** The bytes at the end of a file, and what follows the archive there. */

import { type ArchiveFile, ArchiveProblem, type UnusedBytes } from './archive-file.ts';
import { type ArchiveTail, TAIL_BYTES } from './directory-end.ts';
import { FORMAT_BYTES, identifyFormat } from './file-format.ts';
import { MAX_UNUSED_BYTES } from './file-search.ts';
import { findZipStructure } from './find-zip-structure.ts';

/** The longest end record, with its comment. */
const MAX_END_RECORD_BYTES = 22 + 65_535;

/** If there is less padding than this, the tail also contains the longest end record. */
const MIN_PADDING_BYTES = 4_000;

/** Long padding is read in windows that grow to this size. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;

/** Reads the end of the file. Repetitions of one byte at the end, which some disks and tapes add, are left out. */
export async function readTail({ size, read }: ArchiveFile): Promise<ArchiveTail> {
  const at = Math.max(0, size - TAIL_BYTES);
  const bytes = await read(at, size);
  const padding = bytes.at(-1);
  // The comparison of whole buffers is a hundred times as fast as the search byte by byte.
  const lastOther = (window: Buffer): number =>
    window.equals(Buffer.alloc(window.length, padding))
      ? -1
      : window.findLastIndex((byte) => byte !== padding);
  let start = at;
  let last = lastOther(bytes);
  let windowBytes = TAIL_BYTES;
  if (at === 0 || bytes.length - last < MIN_PADDING_BYTES) return { at, bytes };
  while (last < 0) {
    if (start === 0 || size - start > MAX_UNUSED_BYTES) return { at, bytes };
    const end = start;
    windowBytes = Math.min(2 * windowBytes, MAX_WINDOW_BYTES);
    start = Math.max(0, end - windowBytes);
    last = lastOther(await read(start, end));
  }
  // The last bytes of the end record, or of its comment, may be equal to the padding.
  const from = Math.max(0, start + last + 1 - TAIL_BYTES);
  const to = Math.min(size, start + last + 1 + MAX_END_RECORD_BYTES);
  return { at: from, bytes: await read(from, to) };
}

/**
 * Returns the bytes behind the end record and its comment. Returns nothing if they are only padding or only text.
 * Such text is the end of a comment whose declared length is too short. Throws `ArchiveProblem` if they contain a
 * part of another zip archive, or begin like an archive of another format.
 */
export function findSuffix(tail: ArchiveTail, archiveEnd: number, fileSize: number): UnusedBytes[] {
  const suffix = bytesBehind(tail, archiveEnd);
  const start = tail.at + tail.bytes.length - suffix.length;
  const format = identifyFormat(suffix.subarray(0, FORMAT_BYTES));
  if (format?.isContainer) {
    throw new ArchiveProblem(
      'CorruptArchive',
      `${format.name} follows it, at byte ${start}; upload each archive as its own object`,
    );
  }
  const at = suffix.subarray(0, 4).equals(LOCAL_SIGNATURE) ? 0 : findZipStructure(suffix)?.at;
  if (at !== undefined) {
    throw new ArchiveProblem(
      'CorruptArchive',
      `another archive follows it, at byte ${start + at}; upload each archive as its own object`,
    );
  }
  return isPadding(suffix) || isText(suffix) ? [] : [{ start, end: fileSize }];
}

/** Returns true if nothing but repetitions of one byte follows the archive. */
export const isOnlyPadding = (tail: ArchiveTail, archiveEnd: number): boolean =>
  isPadding(bytesBehind(tail, archiveEnd));

function bytesBehind({ at, bytes }: ArchiveTail, archiveEnd: number): Buffer {
  return bytes.subarray(Math.max(0, Math.min(archiveEnd - at, bytes.length)));
}

const LOCAL_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');

const isPadding = (bytes: Buffer): boolean => bytes.every((byte) => byte === bytes[0]);

/** Text in any charset has no other control characters than these. NUL and Ctrl-Z end text on DOS. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x00, 0x09, 0x0a, 0x0d, 0x1a]);

const isText = (bytes: Buffer): boolean => bytes.every((byte) => byte >= 0x20 || TEXT_CONTROLS.has(byte));
