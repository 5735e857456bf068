import { ArchiveProblem, type Read, type UnusedBytes } from './archive-file.ts';

/** The search for other archives reads bytes that belong to no entry. It reads them in slices of this size. */
const SLICE_BYTES = 1024 * 1024;

/** Each slice is searched in windows of this size. Between windows, other work of the process can run. */
const WINDOW_BYTES = 128 * 1024;

/** Slices and windows overlap by this many bytes, so that a header at their border is found. */
const OVERLAP_BYTES = 4_096 + 46;

/** No self-extractor is larger than this. A search of more bytes would take too long. */
export const MAX_UNUSED_BYTES = 256 * 1024 * 1024;

/**
 * The maximum number of bytes that are searched in one file. In a malicious file, many end records can point to
 * different bytes.
 */
const MAX_SEARCHED_BYTES = 4 * MAX_UNUSED_BYTES;

/** Something that was found. `name` is set for containers, such as a tar archive. */
export interface Match {
  readonly at: number;
  readonly name?: string;
}

/** Returns the first match in `bytes`, with its offset in `bytes`. */
export type Find = (bytes: Buffer) => Match | undefined;

/** Searches a file for other archives. Counts all bytes that are searched. */
export class FileSearch {
  readonly read: Read;
  readonly #pause: () => Promise<void>;
  readonly #prefixes = new Map<string, { readonly end: number; readonly match: Match | undefined }>();
  #bytes = 0;

  /** `pause` lets other work of the process run. */
  constructor(read: Read, pause: () => Promise<void> = async () => {}) {
    this.read = read;
    this.#pause = pause;
  }

  /**
   * Counts bytes that are read to decide whether an end record belongs to the archive.
   * @throws ArchiveProblem if they are too many for one file
   */
  async count(bytes: number): Promise<void> {
    await this.#pause();
    this.#bytes += bytes;
    if (this.#bytes <= MAX_SEARCHED_BYTES) return;
    throw new ArchiveProblem(
      'CorruptArchive',
      `its end records point to too many bytes to search for its central directory; at most ${MAX_SEARCHED_BYTES} are searched`,
    );
  }

  /**
   * Returns the first match within a range, with its offset in the file.
   * @throws ArchiveProblem if the range is larger than `MAX_UNUSED_BYTES`
   */
  async first({ start, end }: UnusedBytes, find: Find): Promise<Match | undefined> {
    checkLength({ start, end });
    for (let at = start; at < end; at += SLICE_BYTES) {
      const slice = await this.read(at, Math.min(at + SLICE_BYTES + OVERLAP_BYTES, end));
      for (let from = 0; from < Math.min(slice.length, SLICE_BYTES); from += WINDOW_BYTES) {
        const window = slice.subarray(from, from + WINDOW_BYTES + OVERLAP_BYTES);
        await this.count(window.length);
        const found = find(window);
        if (found !== undefined) return { ...found, at: at + from + found.at };
      }
    }
    return undefined;
  }

  /**
   * Does the same as `first` for the bytes in front of an archive, but searches no byte twice. A file can have many end
   * records, and the bytes in front of their archives are mostly the same. `what` names what `find` looks for.
   */
  async firstInPrefix(range: UnusedBytes, find: Find, what: string): Promise<Match | undefined> {
    checkLength(range);
    const id = `${what} from ${range.start}`;
    const known = this.#prefixes.get(id);
    if (known?.match !== undefined && known.match.at < range.end) return known.match;
    if (known !== undefined && known.end >= range.end) return undefined;
    const start = known === undefined ? range.start : Math.max(range.start, known.end - OVERLAP_BYTES);
    const match = await this.first({ start, end: range.end }, find);
    this.#prefixes.set(id, { end: range.end, match });
    return match;
  }
}

function checkLength({ start, end }: UnusedBytes): void {
  if (end - start <= MAX_UNUSED_BYTES) return;
  throw new ArchiveProblem(
    'CorruptArchive',
    `${end - start} bytes from byte ${start} on belong to no entry; at most ${MAX_UNUSED_BYTES} are accepted`,
  );
}
