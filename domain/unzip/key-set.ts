import { hash, randomBytes } from 'node:crypto';

/** A secret of this process, so that an archive cannot have prepared keys with equal hashes. */
const SEED = randomBytes(16).toString('hex');

const FIRST_SLOTS = 1_024;

/**
 * A set of object keys. It contains only a 64-bit hash of each key, so two million keys need 32 MiB, outside the
 * JavaScript heap. `has` is always true for a key in the set. It is also true for another key with the same hash. If
 * the set has two million keys, one of 10^13 other keys has such a hash. Callers use the set only where such an error
 * is harmless, or check the key itself.
 */
export class KeySet {
  readonly #hash: KeyHash;
  /** Two words for each hash, at the slot that the hash names or in the next free one. A free slot has two zeros. */
  #words = new Uint32Array(2 * FIRST_SLOTS);
  #size = 0;

  constructor(hash: KeyHash = seededHash) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a key. Returns false if the set had it. */
  add(key: string): boolean {
    const [high, low] = notZero(this.#hash(key));
    const at = placeOf(this.#words, high, low);
    if (!isFree(this.#words, at)) return false;
    this.#words[at] = high;
    this.#words[at + 1] = low;
    this.#size++;
    if (this.#size * 4 > this.#words.length) this.#grow();
    return true;
  }

  has(key: string): boolean {
    if (this.#size === 0) return false;
    const [high, low] = notZero(this.#hash(key));
    return !isFree(this.#words, placeOf(this.#words, high, low));
  }

  #grow(): void {
    const words = new Uint32Array(2 * this.#words.length);
    for (let from = 0; from < this.#words.length; from += 2) {
      if (isFree(this.#words, from)) continue;
      const [high, low] = [this.#words[from] ?? 0, this.#words[from + 1] ?? 0];
      const at = placeOf(words, high, low);
      words[at] = high;
      words[at + 1] = low;
    }
    this.#words = words;
  }
}

/** Returns a hash as two unsigned words of 32 bits. */
export type KeyHash = (key: string) => readonly [high: number, low: number];

const seededHash: KeyHash = (key) => {
  const bytes = hash('sha256', SEED + key, 'binary');
  return [wordAt(bytes, 0), wordAt(bytes, 4)];
};

const wordAt = (bytes: string, at: number): number =>
  ((bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)) >>>
  0;

/** Two zeros mean that a slot is free, so a hash of zero becomes another one. */
const notZero = (words: readonly [number, number]): readonly [number, number] =>
  words[0] === 0 && words[1] === 0 ? [0, 1] : words;

const isFree = (words: Uint32Array, at: number): boolean => words[at] === 0 && words[at + 1] === 0;

/** Returns the index of the hash; if it is missing, the index of the free slot for it. */
function placeOf(words: Uint32Array, high: number, low: number): number {
  const mask = words.length / 2 - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const at = 2 * slot;
    if ((words[at] === high && words[at + 1] === low) || isFree(words, at)) return at;
  }
}
