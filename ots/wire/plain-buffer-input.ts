import { WireError } from '../errors.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** For longer texts, a decoder is faster than the cache. */
const MAX_CACHED_LENGTH = 64;

const CACHE_SIZE = 512;
/** Short texts that were read recently. The index is a hash of their bytes. */
const cachedTexts: string[] = new Array(CACHE_SIZE).fill('');

/** Reads the bytes of a PlainBuffer from front to back. Throws WireError if they end too early. */
export class PlainBufferInput {
  readonly bytes: Buffer;
  at = 0;
  #low = 0;
  #high = 0;
  #last = 0n;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Returns the next byte without consuming it; 0 at the end. */
  peek(): number {
    return this.bytes[this.at] ?? 0;
  }

  /** Consumes bytes. Returns the offset of the first one. */
  take(count: number): number {
    const start = this.at;
    if (count < 0 || start + count > this.bytes.length) {
      throw new WireError(`the PlainBuffer ends after ${this.bytes.length} bytes, in the middle of a value`);
    }
    this.at += count;
    return start;
  }

  byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  int32(): number {
    return this.bytes.readInt32LE(this.take(4));
  }

  /** The cells of a row usually have the same version, so the last bigint is cached. */
  int64(): bigint {
    const start = this.take(8);
    const low = this.bytes.readInt32LE(start);
    const high = this.bytes.readInt32LE(start + 4);
    if (low !== this.#low || high !== this.#high) {
      this.#low = low;
      this.#high = high;
      this.#last = this.bytes.readBigInt64LE(start);
    }
    return this.#last;
  }

  slice(count: number): Buffer {
    const start = this.take(count);
    return this.bytes.subarray(start, start + count);
  }

  text(count: number): string {
    const sum = this.#asciiSum(count);
    if (sum !== undefined) return this.#shortText(this.take(count), count, sum % CACHE_SIZE);
    const start = this.take(count);
    const text = this.bytes.toString('utf8', start, start + count);
    // U+FFFD may replace invalid UTF-8. Only then use the strict decoder, which takes twice as long.
    if (!text.includes('\ufffd')) return text;
    try {
      return UTF8.decode(this.bytes.subarray(start, start + count));
    } catch {
      throw new WireError('a string is not UTF-8');
    }
  }

  /** Returns a hash of the next bytes if they are short and all ASCII, as most texts are; otherwise undefined. */
  #asciiSum(count: number): number | undefined {
    const end = this.at + count;
    if (count < 0 || count > MAX_CACHED_LENGTH || end > this.bytes.length) return undefined;
    let sum = count;
    for (let at = this.at; at < end; at++) {
      const byte = this.bytes[at] ?? 0;
      if (byte > 0x7f) return undefined;
      sum = (sum * 31 + byte) & 0x7fffffff;
    }
    return sum;
  }

  /**
   * Returns the cached text if the bytes are the same, which is usual for column names. Otherwise caches the new
   * text.
   */
  #shortText(start: number, count: number, cacheIndex: number): string {
    const cached = cachedTexts[cacheIndex];
    if (cached?.length === count && this.#isAt(start, cached)) return cached;
    const text = this.bytes.toString('latin1', start, start + count);
    cachedTexts[cacheIndex] = text;
    return text;
  }

  #isAt(start: number, text: string): boolean {
    for (let index = 0; index < text.length; index++)
      if (this.bytes[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** Consumes the next byte if it is `tag`. */
  consumeIf(tag: number): boolean {
    if (this.at >= this.bytes.length || this.bytes[this.at] !== tag) return false;
    this.at++;
    return true;
  }

  expect(tag: number, expected: string): void {
    if (!this.consumeIf(tag))
      throw new WireError(`byte ${this.at} of the PlainBuffer is ${this.peek()} instead of ${expected}`);
  }

  expectZeros(): void {
    for (let at = this.at; at < this.bytes.length; at++)
      if (this.bytes[at] !== 0)
        throw new WireError(`byte ${at}, after the last row, is ${this.bytes[at]} instead of 0`);
  }
}
