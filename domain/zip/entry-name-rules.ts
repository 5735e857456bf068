import type { Charset } from './charset-decoder.ts';
import { type DirectoryRecord, readDirectory } from './directory-record.ts';
import {
  detectEscapePrefix,
  detectNameDecoding,
  entryNameDecoder,
  type NameDecoding,
  oneCharsetDecoder,
  rawName,
} from './entry-charset.ts';
import { checkEntryName, type EntryPath, type UnsafeNamePolicy } from './entry-name.ts';

/** What happens to an entry. */
export type EntryAction =
  | {
      readonly action: 'extract';
      readonly path: string;
      /**
       * The name in the archive. Present if it has invalid bytes, or if it differs from the path in more than the
       * omitted top folder.
       */
      readonly name?: string;
    }
  /** A directory is no object. `path` is empty for the destination itself. */
  | { readonly action: 'folder'; readonly path: string }
  /** `name` is the name in the archive. */
  | {
      readonly action: 'skip';
      readonly path: string;
      readonly name: string;
      readonly reason: SkipReason;
    }
  /** `why` is the end of a message; the caller puts the entry in front. */
  | { readonly action: 'reject'; readonly why: string };

export type SkipReason = 'symlink' | 'duplicate' | 'macOS metadata' | 'unsafe name' | 'folder with data';

/** How names are read in one archive. Decided once for the whole archive, then used for every part. */
export interface EntryNameRules extends NameDecoding {
  readonly unsafe: UnsafeNamePolicy;
  /** The prefix to remove from paths: `<base>/` if this directory is the only top-level entry, otherwise empty. */
  readonly strip: string;
}

/** The rules in plans of versions before 0.2: one charset and one meaning of `\` for the whole archive. */
export interface EarlierEntryNameRules {
  readonly charset: Charset;
  readonly backslash: boolean;
  readonly strip: string;
}

/** Hosts (upper byte of "version made by") on which `\` separates folders: DOS, OS/2, NTFS, VFAT. */
const BACKSLASH_HOSTS: ReadonlySet<number> = new Set([0, 6, 10, 14]);

const SYMLINK = 0o120000;
const DIRECTORY = 0o040000;
const FILE_TYPE = 0o170000;

/** The options for entry names that the owner of an archive can set. */
export interface NameOptions {
  readonly charsets: readonly Charset[];
  readonly unsafe: UnsafeNamePolicy;
}

/** Decides how the names of an archive called `base` are read. Reads `records` several times. */
export function detectEntryNameRules(
  records: () => Iterable<DirectoryRecord>,
  base: string,
  { charsets, unsafe }: NameOptions,
): EntryNameRules {
  const decoding = detectNameDecoding(records(), charsets);
  const rules = { ...decoding, escapePrefix: detectEscapePrefix(records(), decoding), unsafe, strip: '' };
  return { ...rules, strip: hasSingleTopFolder(records(), rules, base) ? `${base}/` : '' };
}

function hasSingleTopFolder(
  records: Iterable<DirectoryRecord>,
  rules: EntryNameRules,
  base: string,
): boolean {
  const actionFor = entryActionReader(rules);
  let seen = false;
  for (const record of records) {
    const entry = actionFor(record);
    if (entry.action === 'reject') return false;
    if (entry.action === 'skip' && entry.reason !== 'symlink') continue;
    if (entry.action === 'folder' && (entry.path === '' || entry.path === base)) {
      seen ||= entry.path === base;
      continue;
    }
    if (!entry.path.startsWith(`${base}/`)) return false;
    seen = true;
  }
  return seen;
}

/** Returns a function that decides what happens to an entry. */
export function entryActionReader(
  rules: EntryNameRules | EarlierEntryNameRules,
): (record: DirectoryRecord) => EntryAction {
  if ('backslash' in rules) return earlierActionReader(rules);
  const decode = entryNameDecoder(rules);
  return (record) => {
    const { text, broken } = decode(record);
    const backslashIsSlash = BACKSLASH_HOSTS.has(record.host) && !text.includes('/');
    const checked = checkEntryName(text, backslashIsSlash);
    const name = broken ? rawName(record) : text;
    if (!('unsafe' in checked)) return dropTop(actionOf(record, checked, { name, broken }), rules);
    const { unsafe, stripped } = checked;
    if (rules.unsafe === 'skip') return { action: 'skip', path: text, name, reason: 'unsafe name' };
    if (rules.unsafe === 'fail' || stripped === undefined) return { action: 'reject', why: unsafe };
    return dropTop(actionOf(record, stripped, { name, broken }), rules);
  };
}

/** A file to extract, with its record. `name` is as in `EntryAction`. */
export interface FileToExtract {
  readonly record: DirectoryRecord;
  readonly path: string;
  readonly name?: string;
}

/** Yields the files of a directory that a plan accepted. */
export function* filesToExtract(
  directory: Buffer,
  rules: EntryNameRules | EarlierEntryNameRules,
): Generator<FileToExtract> {
  const actionFor = entryActionReader(rules);
  for (const record of readDirectory(directory)) {
    const entry = actionFor(record);
    if (entry.action === 'extract') yield { record, ...entry };
  }
}

function actionOf(
  record: DirectoryRecord,
  checked: EntryPath,
  { name, broken }: { name: string; broken: boolean },
): EntryAction {
  const { path } = checked;
  const isDirectory = checked.isDirectory || (record.size === 0 && isMarkedDirectory(record));
  if (isMacMetadata(path)) {
    return isDirectory
      ? { action: 'folder', path: '' }
      : { action: 'skip', path, name, reason: 'macOS metadata' };
  }
  if (isDirectory) {
    if (path === '' && record.size > 0) return { action: 'reject', why: 'has data, but no file name' };
    if (record.size > 0) return { action: 'skip', path: `${path}/`, name, reason: 'folder with data' };
    return { action: 'folder', path };
  }
  if ((record.mode & FILE_TYPE) === SYMLINK) return { action: 'skip', path, name, reason: 'symlink' };
  return { action: 'extract', path, ...(name === path && !broken ? {} : { name }) };
}

/** Some archivers mark directories with the directory bit alone, without a slash at the end of the name. */
function isMarkedDirectory({ directoryBit, mode }: DirectoryRecord): boolean {
  const type = mode & FILE_TYPE;
  return type === 0 ? directoryBit : type === DIRECTORY;
}

/** Resource forks and folder settings, which macOS adds to its archives. They are of no use elsewhere. */
const isMacMetadata = (path: string): boolean => /^__MACOSX(\/|$)|(^|\/)\.DS_Store$/.test(path);

function dropTop(entry: EntryAction, { strip }: { strip: string }): EntryAction {
  if (strip === '' || entry.action === 'reject') return entry;
  return entry.path.startsWith(strip) || `${entry.path}/` === strip
    ? { ...entry, path: entry.path.slice(strip.length) }
    : entry;
}

/** Continues a plan of an earlier version of Sluice. Its directory holds only entries that the plan has accepted. */
function earlierActionReader(rules: EarlierEntryNameRules): (record: DirectoryRecord) => EntryAction {
  const decode = oneCharsetDecoder(rules.charset);
  return (record) => {
    const { text } = decode(record);
    const checked = checkEntryName(text, rules.backslash);
    if ('unsafe' in checked) return { action: 'reject', why: checked.unsafe };
    const path = checked.path.slice(rules.strip.length);
    if (checked.isDirectory) return { action: 'folder', path };
    if ((record.mode & FILE_TYPE) === SYMLINK) return { action: 'skip', path, name: text, reason: 'symlink' };
    return { action: 'extract', path };
  };
}

/** Returns a name for messages: readable, shortened, without control characters. */
export function quotedEntryName(
  record: DirectoryRecord,
  rules: NameDecoding | EarlierEntryNameRules,
  limit = 200,
): string {
  const decode = 'backslash' in rules ? oneCharsetDecoder(rules.charset) : entryNameDecoder(rules);
  const { text } = decode(record);
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
}
