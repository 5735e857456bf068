/**
 * The objects in which a run of `unzipArchive` records its writes: keys that earlier versions of the archive had, and
 * keys that each part writes. All run objects are under the archive's `runs` prefix. With these objects Sluice can clean
 * up after any run, however the run ended.
 */
export interface RunObjectKeys {
  readonly prefix: string;
  /**
   * Keys of objects that earlier runs have written, also for earlier versions of the archive. One JSON string per line.
   */
  readonly previousFiles: string;
  /** Entries that are not extracted, one JSON object per line. */
  readonly skipped: string;
  /** The central directory sorted by data offset. It exists only if the archive's own directory cannot be used. */
  readonly sortedDirectory: string;
  /**
   * Hashes of the manifests of other archives that this run has checked, as a JSON list. The check fails if a manifest
   * lists a key that this run writes and an object with this key exists. A manifest is checked only once, because
   * objects that exist later can be those of this run.
   */
  readonly checkedManifests: string;
  /** The objects that a part writes, one JSON object per line. Stored before the first write, and again at the end. */
  readonly part: (index: number) => string;
}

export function runObjectKeysOf(runs: string, runId: string): RunObjectKeys {
  const prefix = `${runs}${runId}/`;
  return {
    prefix,
    previousFiles: `${prefix}earlier.ndjson`,
    skipped: `${prefix}skipped.ndjson`,
    sortedDirectory: `${prefix}directory`,
    checkedManifests: `${prefix}checked-manifests.json`,
    part: (index) => `${prefix}part-${String(index).padStart(6, '0')}.ndjson`,
  };
}

/** A written object, as in the manifest. */
export interface WrittenObject {
  readonly key: string;
  readonly size: number;
  /** 8 lower-case hex digits. */
  readonly crc32: string;
  /** A decimal string, as in `x-oss-hash-crc64ecma`; absent before the object is written. */
  readonly crc64?: string;
  /**
   * The name in the archive. Absent if the key is the destination followed by this name without the omitted top-level
   * folder.
   */
  readonly name?: string;
}

/** Serialises values as one JSON value per line. */
export function ndjson(values: Iterable<unknown>): Buffer {
  const lines: string[] = [];
  for (const value of values) lines.push(JSON.stringify(value));
  return Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
}

export function* ndjsonLines(body: Buffer): Generator<unknown> {
  for (const line of body.toString('utf8').split('\n')) if (line !== '') yield JSON.parse(line);
}

/** Returns a CRC-32 in the format of manifests. */
export const crc32Hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
