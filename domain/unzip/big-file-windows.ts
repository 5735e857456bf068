import type { BigFile } from './archive.ts';

/** A big file's compressed bytes are downloaded in windows of this size. */
export const WINDOW_BYTES = 32 * 1024 * 1024;

/** Returns the number of windows of a big file; 1 if it is empty. */
export function windowCount({ compressedSize }: Pick<BigFile, 'compressedSize'>): number {
  return Math.max(1, Math.ceil(compressedSize / WINDOW_BYTES));
}

/** Returns the range of the archive that a window covers; `end` is exclusive. */
export function windowRange(
  { dataStart, compressedSize }: Pick<BigFile, 'dataStart' | 'compressedSize'>,
  window: number,
): { start: number; end: number } {
  const start = window * WINDOW_BYTES;
  return { start: dataStart + start, end: dataStart + Math.min(start + WINDOW_BYTES, compressedSize) };
}
