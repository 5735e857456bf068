import type { DirectoryRecord } from './directory-record.ts';
import { type Charset, detectCharset, entryNameDecoder } from './entry-charset.ts';
import { checkEntryName, type EntryNameCheck } from './entry-name.ts';

/** How names are read in one archive. Decided once for the whole archive, then used for every part. */
export interface EntryNameRules {
  readonly charset: Charset;
  /** True if the names come from DOS or Windows and `\` separates folders. */
  readonly backslash: boolean;
  /** The prefix to remove from names: `<base>/` if this directory is the only top-level entry, otherwise empty. */
  readonly strip: string;
}

/** Hosts (upper byte of "version made by") on which `\` separates folders: DOS, OS/2, NTFS, VFAT. */
const BACKSLASH_HOSTS: ReadonlySet<number> = new Set([0, 6, 10, 14]);

/** Decides how the names of an archive called `base` are read. Reads `records` several times. */
export function detectEntryNameRules(
  records: () => Iterable<DirectoryRecord>,
  base: string,
  preferred: Charset,
): EntryNameRules {
  const charset = detectCharset(records(), preferred);
  const read = entryNameDecoder(charset);
  let backslash = true;
  for (const record of records()) {
    if (BACKSLASH_HOSTS.has(record.host) && !read(record).includes('/')) continue;
    backslash = false;
    break;
  }
  const naming = { charset, backslash, strip: '' };
  return { ...naming, strip: hasSingleTopFolder(records(), naming, base) ? `${base}/` : '' };
}

function hasSingleTopFolder(
  records: Iterable<DirectoryRecord>,
  naming: EntryNameRules,
  base: string,
): boolean {
  const readName = entryNameReader(naming);
  let seen = false;
  for (const record of records) {
    const verdict = readName(record);
    if ('refused' in verdict) return false;
    if (!verdict.path.startsWith(`${base}/`) && !(verdict.isDirectory && verdict.path === base)) return false;
    seen = true;
  }
  return seen;
}

/** Returns a function that maps an entry to its path below the destination (empty for the dropped top directory). */
export function entryNameReader(naming: EntryNameRules): (record: DirectoryRecord) => EntryNameCheck {
  const read = entryNameDecoder(naming.charset);
  return (record) => {
    const verdict = checkEntryName(read(record), naming.backslash);
    if ('refused' in verdict || naming.strip === '') return verdict;
    return { ...verdict, path: verdict.path.slice(naming.strip.length) };
  };
}

/** Returns a name for messages: readable, shortened, without control characters. */
export function quotedEntryName(record: DirectoryRecord, charset: Charset): string {
  const name = entryNameDecoder(charset)(record);
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 199)}…` : name);
}
