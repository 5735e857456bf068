/**
 * The objects in which a run of `unzipArchive` records its writes: keys that earlier versions of the archive had, and
 * keys that each part writes. All run objects are under the archive's `runs` prefix. With these objects Sluice can clean
 * up after any run, however the run ended.
 */
export interface RunObjectKeys {
  readonly prefix: string;
  /**
   * Keys of objects that earlier runs have written, also for earlier versions of the archive. One JSON string per line.
   * Most runs have only the list with index 0. If a list has at least `PREVIOUS_LIST_BYTES`, another list follows it.
   */
  readonly previousListKey: (index: number) => string;
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

/** Returns the keys of the run objects of one run. `runs` is the prefix of the run objects of all runs of an archive. */
export function runObjectKeysOf({ runs }: { readonly runs: string }, runId: string): RunObjectKeys {
  const prefix = `${runs}${runId}/`;
  return {
    prefix,
    previousListKey: (index) => `${prefix}earlier${index === 0 ? '' : `-${sixDigits(index)}`}.ndjson`,
    skipped: `${prefix}skipped.ndjson`,
    sortedDirectory: `${prefix}directory`,
    checkedManifests: `${prefix}checked-manifests.json`,
    part: (index) => `${prefix}part-${sixDigits(index)}.ndjson`,
  };
}

const sixDigits = (index: number): string => String(index).padStart(6, '0');

/** A list of previous keys ends at the first line that makes it this large. */
export const PREVIOUS_LIST_BYTES = 32 * 1024 * 1024;

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

/**
 * A manifest lists up to this many objects, in up to this many bytes. Otherwise it names the run objects with the
 * lists.
 */
const MAX_INLINE_OBJECTS = 10_000;
const MAX_INLINE_BYTES = 8 * 1024 * 1024;

/** True if the manifest itself lists the objects. `bytes` is the length of their list. */
export const isListedInline = (objects: number, bytes: number): boolean =>
  objects <= MAX_INLINE_OBJECTS && bytes <= MAX_INLINE_BYTES;

/** Serialises values as one JSON value per line. */
export function ndjson(values: Iterable<unknown>): Buffer {
  const lines: string[] = [];
  for (const value of values) lines.push(JSON.stringify(value));
  return Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
}

/** Decodes one line at a time, so that only one is on the JavaScript heap. */
export function* ndjsonLines(body: Buffer): Generator<unknown> {
  for (let at = 0; at < body.length; ) {
    const newline = body.indexOf('\n', at);
    const end = newline === -1 ? body.length : newline;
    if (end > at) yield JSON.parse(body.toString('utf8', at, end));
    at = end + 1;
  }
}

/** Collects values as one JSON value per line. Only the last ones are on the JavaScript heap. */
export class NdjsonLines {
  #lines: string[] = [];
  #lineBytes = 0;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  get bytes(): number {
    return this.#pieceBytes + this.#lineBytes;
  }

  add(value: unknown): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#lines.push(line);
    this.#lineBytes += Buffer.byteLength(line);
    if (this.#lineBytes >= PIECE_BYTES) this.#encodeLines();
  }

  /** Returns all lines, and forgets them. */
  take(): Buffer {
    this.#encodeLines();
    const body = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return body;
  }

  #encodeLines(): void {
    this.#pieces.push(Buffer.from(this.#lines.join('')));
    this.#pieceBytes += this.#lineBytes;
    this.#lines = [];
    this.#lineBytes = 0;
  }
}

const PIECE_BYTES = 1024 * 1024;

/** Returns a CRC-32 in the format of manifests. */
export const crc32Hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
