import type { BigFile } from './archive.ts';

/** A big file's compressed bytes are fetched in windows of this size. */
export const WINDOW_BYTES = 32 * 1024 * 1024;

/** How many windows a big file has; one even when it has no byte. */
export function windowCount({ compressedSize }: Pick<BigFile, 'compressedSize'>): number {
  return Math.max(1, Math.ceil(compressedSize / WINDOW_BYTES));
}

/** The bytes of the source that a window holds: the first, and the one after the last. */
export function windowRange(
  { dataStart, compressedSize }: Pick<BigFile, 'dataStart' | 'compressedSize'>,
  window: number,
): { start: number; end: number } {
  const start = window * WINDOW_BYTES;
  return { start: dataStart + start, end: dataStart + Math.min(start + WINDOW_BYTES, compressedSize) };
}
