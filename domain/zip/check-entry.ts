import type { UnzipLimits } from '../unzip/limits.ts';
import type { DirectoryRecord } from './directory-record.ts';
import { LOCAL_HEADER_BYTES } from './local-header.ts';

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 0x1;
const STRONGLY_ENCRYPTED = 0x40;
const PATCH_DATA = 0x20;

/** The longest object key, in UTF-8 bytes (OSS, "Object naming conventions"). */
const MAX_KEY_BYTES = 1_023;

/** Methods by number, for messages: APPNOTE 4.4.5. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'shrink',
  6: 'implode',
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  97: 'WavPack',
  98: 'PPMd',
  99: 'AES encryption',
};

/**
 * Why an archive is rejected because of an entry. `type` is a stable class. `why` is the end of a message: the caller
 * puts the entry in front.
 */
export interface EntryProblem {
  readonly type: string;
  readonly why: string;
}

/**
 * Even an encoder that flushes after every byte writes less than this. More data has empty blocks, which only take
 * the reader's time.
 */
const MAX_DEFLATED_RATIO = 8;
const MAX_DEFLATED_EXTRA = 1024 * 1024;

interface EntryLimits {
  readonly key: string;
  readonly depth: number;
  readonly dataLimit: number;
  /** True if the size is measured later. Then it is at least the size in the directory. */
  readonly isSizeUnknown: boolean;
  readonly limits: UnzipLimits;
}

/** Returns the first reason in the directory why a file cannot be extracted; undefined if there is none. */
export function findEntryProblem(
  record: DirectoryRecord,
  { key, depth, dataLimit, isSizeUnknown, limits }: EntryLimits,
): EntryProblem | undefined {
  const { flags, method, size, compressedSize } = record;
  if ((flags & (ENCRYPTED | STRONGLY_ENCRYPTED)) !== 0 || method === 99) {
    return { type: 'EncryptedEntry', why: 'is encrypted' };
  }
  if ((flags & PATCH_DATA) !== 0) {
    return {
      type: 'UnsupportedMethod',
      why: 'is compressed patched data (flag bit 5), which is not supported',
    };
  }
  if (method !== STORED && method !== DEFLATED) {
    const name = METHODS[method] === undefined ? '' : ` (${METHODS[method]})`;
    return {
      type: 'UnsupportedMethod',
      why: `is compressed with method ${method}${name}, which is not supported`,
    };
  }
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    return { type: 'NameTooLong', why: `would need an object key longer than ${MAX_KEY_BYTES} bytes` };
  }
  const tooDeep = findDepthProblem(depth, limits);
  if (tooDeep !== undefined) return tooDeep;
  if (size > limits.entryBytes) {
    return { type: 'LimitExceeded', why: `declares ${size} bytes, but the limit is ${limits.entryBytes}` };
  }
  if (method === STORED && compressedSize !== size) {
    return { type: 'CorruptEntry', why: `is stored in ${compressedSize} bytes but declares ${size}` };
  }
  if (method === DEFLATED && compressedSize === 0 && size > 0) {
    return { type: 'CorruptEntry', why: `has no data but declares ${size} bytes` };
  }
  const mayBeEmptyBlocks = compressedSize > size * MAX_DEFLATED_RATIO + MAX_DEFLATED_EXTRA;
  if (method === DEFLATED && mayBeEmptyBlocks && !isSizeUnknown) {
    return { type: 'CorruptEntry', why: `has ${compressedSize} bytes of compressed data for ${size} bytes` };
  }
  if (record.localOffset + LOCAL_HEADER_BYTES + compressedSize > dataLimit) {
    return { type: 'CorruptArchive', why: 'reaches beyond the data of the archive' };
  }
  return undefined;
}

/** Returns why an entry in this many nested folders is rejected; undefined if it is not. Folders are entries, too. */
export function findDepthProblem(depth: number, limits: UnzipLimits): EntryProblem | undefined {
  if (depth <= limits.depth) return undefined;
  return { type: 'LimitExceeded', why: `is nested deeper than ${limits.depth} folders` };
}
