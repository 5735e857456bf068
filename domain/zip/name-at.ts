import { readDirectory } from './directory-record.ts';
import { type EntryNameRules, filesToExtract, quotedEntryName } from './entry-name-rules.ts';

/** Returns the name that a file has in the archive. `at` is the offset of the file's record in the directory. */
export function nameInArchive(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [file] = filesToExtract(directory.subarray(at), naming);
  return file === undefined ? '?' : (file.name ?? naming.strip + file.path);
}

/** Returns the quoted name of an entry. `at` is the offset of the entry's record in the directory. */
export function entryName(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [record] = readDirectory(directory.subarray(at));
  return record === undefined ? '?' : quotedEntryName(record, naming);
}
