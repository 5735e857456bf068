/**
 * The objects in which a run of `unzipArchive` notes what it does, all under the archive's `runs` prefix: what the
 * version before had, what each part writes. They make it possible to clean up after any run, however it ended.
 */
export interface RunObjectKeys {
  readonly prefix: string;
  /** Keys of objects that an earlier version or run has written, one JSON string a line. */
  readonly previousFiles: string;
  /** Entries that become no object, one JSON object a line. */
  readonly skipped: string;
  /** The directory in the order of the data, where the archive's own will not do. */
  readonly sortedDirectory: string;
  /** The objects of one part, one JSON object a line: first as an intention, then as done. */
  readonly part: (index: number) => string;
}

export function runObjectKeysOf(runs: string, runId: string): RunObjectKeys {
  const prefix = `${runs}${runId}/`;
  return {
    prefix,
    previousFiles: `${prefix}earlier.ndjson`,
    skipped: `${prefix}skipped.ndjson`,
    sortedDirectory: `${prefix}directory`,
    part: (index) => `${prefix}part-${String(index).padStart(6, '0')}.ndjson`,
  };
}

/** An object as a manifest lists it. */
export interface WrittenObject {
  readonly key: string;
  readonly size: number;
  /** 8 lower-case hex digits. */
  readonly crc32: string;
  /** A decimal string, as in `x-oss-hash-crc64ecma`; absent while the object is only intended. */
  readonly crc64?: string;
}

/** One JSON value a line. */
export function ndjson(values: Iterable<unknown>): Buffer {
  const lines: string[] = [];
  for (const value of values) lines.push(JSON.stringify(value));
  return Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
}

export function* ndjsonLines(body: Buffer): Generator<unknown> {
  for (const line of body.toString('utf8').split('\n')) if (line !== '') yield JSON.parse(line);
}

/** CRC-32 as manifests write it. */
export const crc32Hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
