import { OssError } from '../oss-error.ts';
import type { OssRequest } from '../request.ts';
import { percentEncode } from '../signature/canonical.ts';
import { afterPrefix } from '../storage/databases.ts';

/** Enough for 10,000 parts, or 1,000 keys of the maximum length with every character escaped. */
export const MAX_XML_BYTES = 8 * 2 ** 20;

/** Returns how the answer encodes keys: literally, or percent-encoded for `encoding-type=url`. */
export function responseEncoding(request: OssRequest): {
  readonly encode: (text: string) => string;
  readonly encoding: 'url' | undefined;
} {
  const type = request.query.get('encoding-type') ?? '';
  if (type === '') return { encode: (text) => text, encoding: undefined };
  if (type === 'url') return { encode: percentEncode, encoding: 'url' };
  throw new OssError('InvalidArgument', 'The encoding type must be url.', {
    ArgumentName: 'encoding-type',
    ArgumentValue: type,
  });
}

/** Selects keys that begin with `prefix` and come after `after`. Keys that are equal up to `delimiter` are grouped. */
export interface PageQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly after: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly entries: readonly T[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix of the page, after which the next page begins. Undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * Returns one page of a listing, in the byte order of the keys. `scan` yields the entries from a key on. After the
 * first key under a common prefix, a new scan starts behind all keys under this prefix. So the cost of a page depends
 * only on the entries that the page shows.
 */
export function readPage<T extends { readonly key: string }>(
  scan: (start: Buffer) => Iterable<T>,
  { prefix, delimiter, after, limit }: PageQuery,
): Page<T> {
  const entries: T[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  let start = startOf(prefix, delimiter, after);
  while (start !== undefined) {
    const from: Buffer = start;
    start = undefined;
    for (const entry of scan(from)) {
      if (!entry.key.startsWith(prefix)) break;
      if (entries.length + commonPrefixes.length === limit) return { entries, commonPrefixes, next: last };
      const common = commonPrefixOf(entry.key, prefix, delimiter);
      last = common ?? entry.key;
      if (common !== undefined) {
        commonPrefixes.push(common);
        start = afterPrefix(Buffer.from(common));
        break;
      }
      entries.push(entry);
    }
  }
  return { entries, commonPrefixes, next: undefined };
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** A marker that is a common prefix stands for all keys under it. */
function startOf(prefix: string, delimiter: string, after: string): Buffer | undefined {
  const first = Buffer.from(prefix);
  const marker = Buffer.from(after);
  if (after === '') return first;
  if (after.startsWith(prefix) && commonPrefixOf(after, prefix, delimiter) === after)
    return afterPrefix(marker);
  const next = Buffer.concat([marker, Buffer.from([0])]);
  return Buffer.compare(next, first) > 0 ? next : first;
}
