import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { PassThrough, type Transform } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { BigFile } from '../../domain/unzip/archive.ts';
import { type Crc64, createCrc64 } from './crc64.ts';
import { CHUNK_BYTES, checkContent, corruptEntry, translateInflateError } from './entry-data.ts';

/** The state of a big file's extraction after one step. */
export interface WindowStep {
  /** The slab is full, or the file has ended. */
  readonly slabDone: boolean;
  /** The complete slab is on the scratch disk and must be uploaded. */
  readonly upload: boolean;
  /** All bytes of the window are used. Unless the file has ended, the next window is needed. */
  readonly windowDone: boolean;
  /** The CRC-64 of the whole file. Present at the end of the file, after all checks. */
  readonly crc64?: string;
}

/**
 * Extracts one file that is too big for an ordinary part. Reads windows of compressed data and writes slabs of content.
 * The state of the inflater cannot be stored. If the process exits, another inflater starts again at the start of the
 * file, but slabs that are already uploaded are not uploaded again.
 */
export class BigFileInflater {
  window = 0;
  slab = 0;
  lastUsed = Date.now();
  readonly #file: BigFile;
  readonly #crc64: Crc64;
  readonly #content: Transform;
  #crc = 0;
  #contentBytes = 0;
  #bytesInSlab = 0;
  #remainder: Buffer | undefined;
  #outputFile: FileHandle | undefined;
  #partCrcs: number[] = [];
  #inputState: 'none' | 'feeding' | 'fed' = 'none';
  #ended = false;
  #error: unknown;
  #wake: () => void = () => {};
  readonly #contentEnded: Promise<void>;

  static async open(file: BigFile): Promise<BigFileInflater> {
    return new BigFileInflater(file, await createCrc64());
  }

  private constructor(file: BigFile, crc64: Crc64) {
    this.#file = file;
    this.#crc64 = crc64;
    this.#content =
      file.method === 0
        ? new PassThrough({ highWaterMark: CHUNK_BYTES })
        : createInflateRaw({ chunkSize: CHUNK_BYTES });
    this.#contentEnded = new Promise((resolve) => this.#content.once('end', resolve).once('close', resolve));
    this.#content.on('readable', () => this.#wake());
    this.#content.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    this.#content.on('error', (error) => this.#fail(error));
  }

  /**
   * Extracts until the slab is full, the window is used up, or the file ends. Does not write slabs with a number below
   * `skip`, because they are already uploaded.
   */
  async step(
    task: { input: string; last: boolean; output: string; skip: number },
    signal: AbortSignal,
  ): Promise<WindowStep> {
    this.lastUsed = Date.now();
    if (this.#inputState === 'none') this.#feed(task.input, task.last);
    const keep = this.slab >= task.skip;
    while (this.#bytesInSlab < this.#file.slabBytes) {
      signal.throwIfAborted();
      const piece = await this.#next();
      if (piece === undefined) break;
      if (keep) await this.#write(piece, task.output);
      this.#bytesInSlab += piece.length;
    }
    const windowDone =
      this.#ended ||
      (this.#inputState === 'fed' && this.#remainder === undefined && this.#content.readableLength === 0);
    if (this.#ended && this.#remainder === undefined) checkContent(this.#file, this.#contentBytes, this.#crc);
    const atEnd = this.#ended && this.#remainder === undefined;
    const slabDone = this.#bytesInSlab === this.#file.slabBytes || atEnd;
    const upload = slabDone && keep && this.#bytesInSlab > 0;
    if (slabDone) await this.#finishSlab(upload, task.output);
    if (windowDone && !atEnd) {
      this.window += 1;
      this.#inputState = 'none';
    }
    return { slabDone, upload, windowDone, ...(atEnd ? { crc64: this.#crc64.decimal() } : {}) };
  }

  /** Returns the CRC-32 of each upload part of the slab that was written last. */
  takePartCrcs(): readonly number[] {
    const crcs = this.#partCrcs;
    this.#partCrcs = [];
    return crcs;
  }

  async close(): Promise<void> {
    this.#content.destroy();
    await this.#outputFile?.close();
    this.#outputFile = undefined;
  }

  /** Returns the next bytes for this slab, or undefined if the window or the file has no more. */
  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const chunk = this.#remainder ?? this.#read();
      if (chunk !== undefined) {
        const room = this.#file.slabBytes - this.#bytesInSlab;
        this.#remainder = chunk.length > room ? chunk.subarray(room) : undefined;
        return chunk.length > room ? chunk.subarray(0, room) : chunk;
      }
      if (this.#ended || this.#inputState === 'fed') return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#content.readableLength > 0 || this.#inputState === 'fed' || this.#ended) resolve();
      });
    }
  }

  /** Returns the bytes that the inflater has ready. Counts them and adds them to the checksums. */
  #read(): Buffer | undefined {
    const chunk = this.#content.read() as Buffer | null;
    if (chunk === null) return undefined;
    this.#contentBytes += chunk.length;
    if (this.#contentBytes > this.#file.size) {
      throw corruptEntry(`has more than the ${this.#file.size} bytes that it declares`);
    }
    this.#crc = crc32(chunk, this.#crc);
    this.#crc64.update(chunk);
    return chunk;
  }

  async #write(piece: Buffer, output: string): Promise<void> {
    this.#outputFile ??= await open(`${output}.tmp`, 'w');
    await this.#outputFile.write(piece, 0, piece.length, this.#bytesInSlab);
    const { partBytes } = this.#file;
    for (let done = 0; done < piece.length; ) {
      const at = this.#bytesInSlab + done;
      const part = Math.floor(at / partBytes);
      const end = Math.min(piece.length, done + (part + 1) * partBytes - at);
      this.#partCrcs[part] = crc32(piece.subarray(done, end), this.#partCrcs[part] ?? 0);
      done = end;
    }
  }

  async #finishSlab(upload: boolean, output: string): Promise<void> {
    await this.#outputFile?.close();
    this.#outputFile = undefined;
    if (upload) await rename(`${output}.tmp`, output);
    this.#bytesInSlab = 0;
    this.slab += 1;
  }

  #feed(path: string, last: boolean): void {
    this.#inputState = 'feeding';
    const run = async (): Promise<void> => {
      for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
        // The callback runs when the chunk is inflated. After the end of the deflate stream the callback never runs.
        const inflated = new Promise<void>((resolve) => this.#content.write(chunk, () => resolve()));
        await Promise.race([inflated, this.#contentEnded]);
        if (this.#ended || this.#error !== undefined) return;
      }
      if (last) this.#content.end();
      else this.#inputState = 'fed';
    };
    run().then(
      () => this.#wake(),
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    this.#error = translateInflateError(error, this.#file.size);
    this.#wake();
  }
}
