/** A part of an object: `start` and `length` in bytes, within it. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Reads `bytes=a-b`, `bytes=a-` or `bytes=-n` for an object of `size` bytes; undefined when OSS calls it invalid.
 * As documented, OSS takes a range as invalid unless both its ends lie in the object; `standard`
 * (`x-oss-range-behavior: standard`) cuts an end, or a tail, that reaches beyond.
 */
export function readRange(text: string, size: number, standard: boolean): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return suffixRange(Number(last), size, standard);
  const start = Number(first);
  const end = last === '' ? size - 1 : Number(last);
  if (start >= size || end < start) return undefined;
  if (end >= size && !standard) return undefined;
  return { start, length: Math.min(end, size - 1) - start + 1 };
}

function suffixRange(wanted: number, size: number, standard: boolean): ByteRange | undefined {
  if (wanted === 0 || size === 0 || (wanted > size && !standard)) return undefined;
  const length = Math.min(wanted, size);
  return { start: size - length, length };
}
