/** Limits for an archive. They are checked before the first write, and enforced while extracting. */
export interface UnzipLimits {
  readonly entries: number;
  /** Bytes of the central directory. */
  readonly directoryBytes: number;
  /** Bytes of all files together, uncompressed. */
  readonly totalBytes: number;
  /** Bytes of one file, uncompressed. */
  readonly entryBytes: number;
  /** The maximum ratio of uncompressed to compressed size. Not checked up to `ratioFromBytes` uncompressed bytes. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** Nested folders. */
  readonly depth: number;
  /** MiB of the heap of the process that plans an archive with a large directory. */
  readonly planningMib: number;
}

const GIB = 1024 ** 3;

export const defaultLimits: UnzipLimits = {
  entries: 2_000_000,
  directoryBytes: 256 * 1024 * 1024,
  totalBytes: 1024 * GIB,
  entryBytes: 100 * GIB,
  ratio: 200,
  ratioFromBytes: 10 * GIB,
  depth: 100,
  // Two million names of 90 ordinary characters need half of it.
  planningMib: 1_024,
};

/** Limits for a part. A part ends before the entry that would exceed one of these limits. */
export interface PartLimits {
  /** Compressed bytes, local headers included. */
  readonly inputBytes: number;
  /** Uncompressed bytes. */
  readonly outputBytes: number;
  readonly entries: number;
}

/** An archive within these limits is unpacked by one activity, in memory. */
export interface SmallLimits {
  /** Bytes of the archive. */
  readonly packedBytes: number;
  /** Bytes of all files together. */
  readonly unpackedBytes: number;
  readonly files: number;
}

export const smallLimits: SmallLimits = {
  packedBytes: 16 * 1024 * 1024,
  unpackedBytes: 64 * 1024 * 1024,
  files: 1_000,
};

export const defaultPartLimits: PartLimits = {
  inputBytes: 32 * 1024 * 1024,
  outputBytes: 128 * 1024 * 1024,
  entries: 2_000,
};
