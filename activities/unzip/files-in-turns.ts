import { readDirectory } from '../../domain/zip/directory-record.ts';
import {
  type EarlierEntryNameRules,
  type EntryNameRules,
  entryActionReader,
  type FileToExtract,
} from '../../domain/zip/entry-name-rules.ts';
import { Turn } from './turn.ts';

/**
 * Does the same as `filesToExtract`, but lets other work of the process run. There may be millions of entries, and an
 * archive can have megabytes of names without a single file.
 */
export async function* filesInTurns(
  directory: Buffer,
  rules: EntryNameRules | EarlierEntryNameRules,
): AsyncGenerator<FileToExtract> {
  const actionFor = entryActionReader(rules);
  const turn = new Turn();
  for (const record of readDirectory(directory)) {
    if (turn.isOver()) await turn.startNext();
    const entry = actionFor(record);
    if (entry.action === 'extract') yield { record, ...entry };
  }
}
