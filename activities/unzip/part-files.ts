import type { PartTask } from '../../domain/unzip/archive.ts';

/** The file names of one part on the scratch disk. */
export interface PartFiles {
  /** The start of these file names, and the name of the part's slot on the scratch disk. */
  readonly prefix: string;
  /** The slice of the central directory. */
  readonly centralDirectory: string;
  /** The slice of the archive. */
  readonly data: string;
  /** The content of all files, one after the other. */
  readonly pack: string;
  /** The location of each file in the pack file: one `PackedFile` per line. */
  readonly index: string;
}

export function partFilesOf({ part, attempt }: PartTask): PartFiles {
  const prefix = `${part.index}-${attempt}`;
  return {
    prefix,
    centralDirectory: `${prefix}.directory`,
    data: `${prefix}.data`,
    pack: `${prefix}.pack`,
    index: `${prefix}.index`,
  };
}

/** A file in a pack file: object key, offset, length, CRC-32, and the name in the archive if it was changed. */
export type PackedFile = readonly [key: string, offset: number, size: number, crc32: number, name?: string];
