/** What an archive may ask for, checked before the first write and held to while extracting. */
export interface UnzipLimits {
  readonly entries: number;
  /** Bytes of the central directory. */
  readonly directoryBytes: number;
  /** Bytes of all files together, uncompressed. */
  readonly totalBytes: number;
  /** Bytes of one file, uncompressed. */
  readonly entryBytes: number;
  /** Uncompressed to compressed, judged only when `totalBytes` is over `ratioFromBytes`. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** Folders below one another. */
  readonly depth: number;
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
};

/** How an archive is cut into parts: a part ends when the next entry would take it over any of these. */
export interface PartLimits {
  /** Compressed bytes, local headers included. */
  readonly inputBytes: number;
  /** Uncompressed bytes. */
  readonly outputBytes: number;
  readonly entries: number;
}

export const defaultPartLimits: PartLimits = {
  inputBytes: 32 * 1024 * 1024,
  outputBytes: 128 * 1024 * 1024,
  entries: 2_000,
};
