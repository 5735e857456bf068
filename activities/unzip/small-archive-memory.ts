import { AdmissionQueue } from '../../domain/admission-queue.ts';

/** All archives that are in memory at the same time have at most this many bytes. Others wait. */
const ARCHIVE_BYTES = 20 * 1024 * 1024;

/** Of the unpacked content of all these archives, at most this many bytes are in memory at the same time. */
const CONTENT_BYTES = 2 * 1024 * 1024;

/** An archive needs some memory in addition to its bytes. */
const OVERHEAD_BYTES = 64 * 1024;

/** A buffer of this size or more is used again. A freed one would stay in memory until the next garbage collection. */
const MIN_REUSED_BUFFER_BYTES = 1024 * 1024;

/** After this many bytes of content, the buffers that are no longer used are freed. */
const COLLECT_AFTER_BYTES = 4 * 1024 * 1024;

/** Node.js has this function if it was started with --expose-gc, as workers are. */
declare const gc: ((options: { type: 'minor' }) => void) | undefined;

/** Bounds the memory of a worker for small archives. */
export class SmallArchiveMemory {
  readonly #archives: AdmissionQueue;
  readonly #contents: AdmissionQueue;
  readonly #bufferBytes: number;
  #spare: Buffer | undefined;
  #unneededBytes = 0;

  /** `bufferBytes` is the size of the largest archive. */
  constructor(bufferBytes: number, archiveBytes = ARCHIVE_BYTES, contentBytes = CONTENT_BYTES) {
    this.#bufferBytes = bufferBytes;
    this.#archives = new AdmissionQueue({ parallel: { weight: archiveBytes } });
    this.#contents = new AdmissionQueue({ parallel: { weight: contentBytes } });
  }

  /** Runs `work` with a buffer of this size when there is room for it. */
  withArchive<T>(size: number, work: (buffer: Buffer) => Promise<T>, signal: AbortSignal): Promise<T> {
    const run = async (): Promise<T> => {
      if (size < MIN_REUSED_BUFFER_BYTES) return await work(Buffer.allocUnsafe(size));
      const buffer = this.#spare ?? Buffer.allocUnsafeSlow(this.#bufferBytes);
      this.#spare = undefined;
      const result = await work(buffer.subarray(0, size));
      // If `work` fails, the buffer is not used again, because a request in flight may still use it.
      this.#spare = buffer;
      return result;
    };
    return this.#archives.run(run, size + OVERHEAD_BYTES, signal);
  }

  /**
   * Call this when content is no longer needed. After every `COLLECT_AFTER_BYTES` of such content, this collects the garbage of
   * the young generation, which takes about a millisecond. V8 alone would free the buffers so late that a worker needs
   * much more memory.
   */
  noteUnneeded(size: number): void {
    this.#unneededBytes += size;
    if (this.#unneededBytes < COLLECT_AFTER_BYTES) return;
    this.#unneededBytes = 0;
    if (typeof gc === 'function') gc({ type: 'minor' });
  }

  /** Runs `work` when there is room for this many bytes of content. */
  withContent<T>(size: number, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#contents.run(work, size, signal);
  }
}
