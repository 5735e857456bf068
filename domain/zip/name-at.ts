import { readDirectory } from './directory-record.ts';
import { type EntryNameRules, filesToExtract, quotedEntryName } from './entry-name-rules.ts';

/** Returns the name in the archive of the file to extract whose record is at this offset. */
export function nameInArchive(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [file] = filesToExtract(directory.subarray(at), naming);
  return file === undefined ? '?' : (file.name ?? naming.strip + file.path);
}

/** Returns the quoted name of the entry whose record is at this offset. */
export function entryName(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [record] = readDirectory(directory.subarray(at));
  return record === undefined ? '?' : quotedEntryName(record, naming);
}
