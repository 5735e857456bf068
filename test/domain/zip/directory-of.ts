import { type DirectoryRecord, readDirectory } from '../../../domain/zip/directory-record.ts';
import { type ZipEntry, type ZipOptions, zipOf } from '../../support/zip-writer.ts';

/** Returns an archive's bytes with its directory, found through the writer's end record without the code under test. */
export function directoryOf(entries: readonly ZipEntry[], options: ZipOptions = {}) {
  const zip = zipOf(entries, options);
  const end = zip.length - 22 - (options.trailing?.length ?? 0) - (options.comment?.length ?? 0);
  const length = zip.readUInt32LE(end + 12);
  const start = end - length;
  return { zip, start, end, length, directory: zip.subarray(start, end) };
}

/** The records of entries as read from the directory. */
export function recordsOf(entries: readonly ZipEntry[]): DirectoryRecord[] {
  return [...readDirectory(directoryOf(entries).directory)];
}

/** Returns a ZIP64 extra field with a value for each field that does not fit into 32 bits (APPNOTE 4.5.3). */
export function zip64Extra(...values: readonly bigint[]): Buffer {
  const field = Buffer.alloc(4 + values.length * 8);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(values.length * 8, 2);
  for (const [at, value] of values.entries()) field.writeBigUInt64LE(value, 4 + at * 8);
  return field;
}
