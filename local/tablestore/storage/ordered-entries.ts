import type { Database } from 'lmdb';
import { type CollidingEntry, decodeCollidingEntries, encodeCollidingEntries } from './colliding-entries.ts';

/** LMDB supports keys up to 1,978 bytes. Encoded keys of rows can be four times as long. */
const MAX_STORED_KEY_BYTES = 1_900;

export interface OrderedEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** From `start` (inclusive) to `end` (exclusive). If the range is read backwards, `start` is the upper end. */
export interface EntryRange {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly backwards?: boolean;
}

/**
 * Values in the byte order of their keys, which may have any length. Keys that are too long for LMDB share one entry
 * under their common beginning. No key may be a prefix of another.
 */
export class OrderedEntries {
  readonly #entries: Database<Buffer, Buffer>;

  constructor(entries: Database<Buffer, Buffer>) {
    this.#entries = entries;
  }

  get(key: Buffer): Buffer | undefined {
    if (key.length < MAX_STORED_KEY_BYTES) return this.#entries.get(key);
    return this.#readColliding(key).find((entry) => entry.key.equals(key))?.value;
  }

  put(key: Buffer, value: Buffer): void {
    if (key.length < MAX_STORED_KEY_BYTES) this.#entries.putSync(key, value);
    else this.#writeColliding(key, [...this.#readOthers(key), { key, value }]);
  }

  remove(key: Buffer): void {
    if (key.length < MAX_STORED_KEY_BYTES) this.#entries.removeSync(key);
    else this.#writeColliding(key, this.#readOthers(key));
  }

  /** Yields the entries of a range in order. Reads only as many as the caller consumes. */
  *range({ start, end, backwards = false }: EntryRange): Generator<OrderedEntry> {
    const isPastEnd = backwards
      ? (key: Buffer) => Buffer.compare(key, end) <= 0
      : (key: Buffer) => Buffer.compare(key, end) >= 0;
    const isBeforeStart = backwards
      ? (key: Buffer) => Buffer.compare(key, start) > 0
      : (key: Buffer) => Buffer.compare(key, start) < 0;
    for (const entry of this.#entries.getRange({ start: truncateKey(start), reverse: backwards })) {
      for (const found of entriesOf(entry, backwards)) {
        if (isPastEnd(found.key)) return;
        if (!isBeforeStart(found.key)) yield found;
      }
    }
  }

  #readColliding(key: Buffer): CollidingEntry[] {
    const bytes = this.#entries.get(truncateKey(key));
    return bytes === undefined ? [] : decodeCollidingEntries(bytes);
  }

  #readOthers(key: Buffer): CollidingEntry[] {
    return this.#readColliding(key).filter((entry) => !entry.key.equals(key));
  }

  #writeColliding(key: Buffer, entries: CollidingEntry[]): void {
    if (entries.length === 0) this.#entries.removeSync(truncateKey(key));
    else
      this.#entries.putSync(
        truncateKey(key),
        encodeCollidingEntries(entries.sort((one, other) => Buffer.compare(one.key, other.key))),
      );
  }
}

const truncateKey = (key: Buffer): Buffer =>
  key.length < MAX_STORED_KEY_BYTES ? key : key.subarray(0, MAX_STORED_KEY_BYTES);

function entriesOf(entry: OrderedEntry, backwards: boolean): readonly OrderedEntry[] {
  if (entry.key.length < MAX_STORED_KEY_BYTES) return [entry];
  const entries = decodeCollidingEntries(entry.value);
  return backwards ? entries.reverse() : entries;
}
