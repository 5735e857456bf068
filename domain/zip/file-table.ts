import { InvalidInput } from '../errors.ts';
import type { DirectoryRecord } from './directory-record.ts';
import { LOCAL_HEADER_BYTES } from './local-header.ts';
import type { PlacedFile } from './split-parts.ts';

/** The minimum size of a directory record. */
const RECORD_BYTES = 46;

/**
 * The files of an archive. Typed arrays hold a few numbers for each file, because millions of JavaScript objects would
 * not fit into memory. If two files have the same path, the last one is used, as in every unzip tool.
 */
export class FileTable {
  readonly #recordAt: Float64Array;
  readonly #recordLength: Uint32Array;
  readonly #offset: Float64Array;
  readonly #minLength: Float64Array;
  readonly #compressed: Float64Array;
  readonly #size: Float64Array;
  readonly #byPath = new Map<string, number>();
  readonly #dropped = new Set<number>();
  #rows = 0;
  #ordered = true;
  #order: Uint32Array | undefined;

  constructor(directoryBytes: number) {
    const rows = Math.floor(directoryBytes / RECORD_BYTES) + 1;
    this.#recordAt = new Float64Array(rows);
    this.#recordLength = new Uint32Array(rows);
    this.#offset = new Float64Array(rows);
    this.#minLength = new Float64Array(rows);
    this.#compressed = new Float64Array(rows);
    this.#size = new Float64Array(rows);
  }

  get length(): number {
    return this.#rows - this.#dropped.size;
  }

  get bytes(): number {
    return this.#sum(this.#size);
  }

  get compressedBytes(): number {
    return this.#sum(this.#compressed);
  }

  /**
   * Adds a file. It replaces an earlier file with the same path. Returns the offset of the earlier file's record in the
   * directory; undefined if there is none.
   */
  addOrReplace(record: DirectoryRecord, path: string): number | undefined {
    const row = this.#rows++;
    this.#recordAt[row] = record.at;
    this.#recordLength[row] = record.length;
    this.#offset[row] = record.localOffset;
    this.#compressed[row] = record.compressedSize;
    this.#minLength[row] = LOCAL_HEADER_BYTES + record.compressedSize;
    this.#size[row] = record.size;
    if (row > 0 && record.localOffset < (this.#offset[row - 1] ?? 0)) this.#ordered = false;
    const earlier = this.#byPath.get(path);
    this.#byPath.set(path, row);
    if (earlier === undefined) return undefined;
    this.#dropped.add(earlier);
    return this.#recordAt[earlier];
  }

  /** The paths of all files, without replaced duplicates. */
  paths(): Iterable<string> {
    return this.#byPath.keys();
  }

  /** Checks whether the archive's own directory lists the files in the order of their data, without duplicates. */
  isInOrder(): boolean {
    return this.#ordered && this.#dropped.size === 0;
  }

  /**
   * Returns a directory of exactly these files, in the order of their data. After this call, `recordAt` of each file
   * is an offset in that directory.
   */
  reorder(directory: Buffer): Buffer {
    const slices: Buffer[] = [];
    let at = 0;
    for (const row of this.#sorted()) {
      const start = this.#recordAt[row] ?? 0;
      const slice = directory.subarray(start, start + (this.#recordLength[row] ?? 0));
      slices.push(slice);
      this.#recordAt[row] = at;
      at += slice.length;
    }
    return Buffer.concat(slices, at);
  }

  /** Throws `OverlappingEntries` if two files share bytes: a sign of a zip bomb or a damaged directory. */
  checkOverlaps(nameAt: (recordAt: number) => string, subject: string): void {
    let end = 0;
    for (const row of this.#sorted()) {
      const offset = this.#offset[row] ?? 0;
      if (offset < end) {
        const name = nameAt(this.#recordAt[row] ?? 0);
        throw new InvalidInput(
          'OverlappingEntries',
          `${subject}: entry ${name} shares bytes with another entry`,
        );
      }
      end = offset + (this.#minLength[row] ?? 0);
    }
  }

  *files(): Generator<PlacedFile> {
    for (const row of this.#sorted()) {
      yield {
        recordAt: this.#recordAt[row] ?? 0,
        recordLength: this.#recordLength[row] ?? 0,
        localHeaderAt: this.#offset[row] ?? 0,
        compressedSize: this.#compressed[row] ?? 0,
        size: this.#size[row] ?? 0,
      };
    }
  }

  #sorted(): Uint32Array {
    if (this.#order !== undefined) return this.#order;
    const kept = new Uint32Array(this.length);
    let next = 0;
    for (let row = 0; row < this.#rows; row++) if (!this.#dropped.has(row)) kept[next++] = row;
    if (!this.#ordered) kept.sort((a, b) => (this.#offset[a] ?? 0) - (this.#offset[b] ?? 0));
    this.#order = kept;
    return kept;
  }

  #sum(column: Float64Array): number {
    let total = 0;
    for (let row = 0; row < this.#rows; row++) if (!this.#dropped.has(row)) total += column[row] ?? 0;
    return total;
  }
}
