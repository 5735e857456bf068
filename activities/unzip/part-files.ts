import type { PartTask } from '../../domain/unzip/archive.ts';

/** The names of one part's files on the scratch disk. */
export interface PartFiles {
  /** Names the part's place among those that the disk takes. */
  readonly prefix: string;
  /** The slice of the directory. */
  readonly directory: string;
  /** The slice of the source. */
  readonly data: string;
  /** All files' bytes, one after the other. */
  readonly pack: string;
  /** Where each file lies in the pack: one `PackedFile` a line. */
  readonly index: string;
}

export function partFilesOf({ part, attempt }: PartTask): PartFiles {
  const place = `${part.index}-${attempt}`;
  return {
    prefix: place,
    directory: `${place}.directory`,
    data: `${place}.data`,
    pack: `${place}.pack`,
    index: `${place}.index`,
  };
}

/** A file in a pack: object key, first byte, length, CRC-32. */
export type PackedFile = readonly [key: string, offset: number, size: number, crc32: number];
