/** A range within an object: `start` and `length` in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Reads `bytes=a-b`, `bytes=a-` or `bytes=-n` for an object of `size` bytes. Returns undefined if OSS considers it
 * invalid. By default, both ends must be within the object (see the OSS documentation). With `standard`
 * (`x-oss-range-behavior: standard`), a range that exceeds the object is shortened.
 */
export function readRange(
  text: string,
  size: number,
  { standard }: { standard: boolean },
): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return suffixRange(Number(last), size, standard);
  const start = Number(first);
  const end = last === '' ? size - 1 : Number(last);
  if (start >= size || end < start) return undefined;
  if (end >= size && !standard) return undefined;
  return { start, length: Math.min(end, size - 1) - start + 1 };
}

function suffixRange(suffixBytes: number, size: number, standard: boolean): ByteRange | undefined {
  if (suffixBytes === 0 || size === 0 || (suffixBytes > size && !standard)) return undefined;
  const length = Math.min(suffixBytes, size);
  return { start: size - length, length };
}
