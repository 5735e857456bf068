import type { Database } from 'lmdb';
import { joinShared, type SharedEntry, splitShared } from './shared-entry.ts';

/** LMDB takes keys up to 1,978 bytes; the keys that the service takes can be four times as long. */
const LONGEST_KEY = 1_900;

export interface OrderedEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** From `start` on (included) up to `end` (not included); backwards, `start` is the upper end. */
export interface EntryRange {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly backwards?: boolean;
}

/**
 * Values in the order of their keys' bytes, whatever their length: keys that are too long for LMDB share an entry under
 * the beginning they have in common. No key may be the beginning of another.
 */
export class OrderedEntries {
  readonly #entries: Database<Buffer, Buffer>;

  constructor(entries: Database<Buffer, Buffer>) {
    this.#entries = entries;
  }

  get(key: Buffer): Buffer | undefined {
    if (key.length < LONGEST_KEY) return this.#entries.get(key);
    return this.#shared(key).find((entry) => entry.key.equals(key))?.value;
  }

  put(key: Buffer, value: Buffer): void {
    if (key.length < LONGEST_KEY) this.#entries.putSync(key, value);
    else this.#share(key, [...this.#othersThan(key), { key, value }]);
  }

  remove(key: Buffer): void {
    if (key.length < LONGEST_KEY) this.#entries.removeSync(key);
    else this.#share(key, this.#othersThan(key));
  }

  /** The entries of a range in its order; reads on only as far as they are asked for. */
  *range({ start, end, backwards = false }: EntryRange): Generator<OrderedEntry> {
    const beyond = backwards
      ? (key: Buffer) => Buffer.compare(key, end) <= 0
      : (key: Buffer) => Buffer.compare(key, end) >= 0;
    const before = backwards
      ? (key: Buffer) => Buffer.compare(key, start) > 0
      : (key: Buffer) => Buffer.compare(key, start) < 0;
    for (const entry of this.#entries.getRange({ start: cut(start), reverse: backwards })) {
      for (const found of entriesOf(entry, backwards)) {
        if (beyond(found.key)) return;
        if (!before(found.key)) yield found;
      }
    }
  }

  #shared(key: Buffer): SharedEntry[] {
    const bytes = this.#entries.get(cut(key));
    return bytes === undefined ? [] : splitShared(bytes);
  }

  #othersThan(key: Buffer): SharedEntry[] {
    return this.#shared(key).filter((entry) => !entry.key.equals(key));
  }

  #share(key: Buffer, entries: SharedEntry[]): void {
    if (entries.length === 0) this.#entries.removeSync(cut(key));
    else
      this.#entries.putSync(
        cut(key),
        joinShared(entries.sort((one, other) => Buffer.compare(one.key, other.key))),
      );
  }
}

const cut = (key: Buffer): Buffer => (key.length < LONGEST_KEY ? key : key.subarray(0, LONGEST_KEY));

function entriesOf(entry: OrderedEntry, backwards: boolean): readonly OrderedEntry[] {
  if (entry.key.length < LONGEST_KEY) return [entry];
  const entries = splitShared(entry.value);
  return backwards ? entries.reverse() : entries;
}
