/** A file that can be read in any order. `read` returns the bytes from `start` to `end`, which lie within the file. */
export interface ArchiveFile {
  readonly size: number;
  read(start: number, end: number): Promise<Buffer>;
}

/** Bytes of the file that belong to no entry, and are no archive either. `end` is exclusive. */
export interface UnusedBytes {
  readonly start: number;
  readonly end: number;
}

export type Read = ArchiveFile['read'];

/** The reason for which a file cannot be read as one archive. `why` is the end of a message. */
export class ArchiveProblem extends Error {
  readonly type: string;
  readonly why: string;

  constructor(type: string, why: string) {
    super(why);
    this.type = type;
    this.why = why;
  }
}
