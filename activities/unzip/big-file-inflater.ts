import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { PassThrough, type Transform } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { BigFile } from '../../domain/unzip/archive.ts';
import { type Crc64, createCrc64 } from './crc64.ts';
import { CHUNK_BYTES, checkContent, corruptEntry, translateInflateError } from './entry-data.ts';

/** Where a big file's extraction stands after one step. */
export interface WindowStep {
  /** The slab is full, or the file is at its end. */
  readonly slabDone: boolean;
  /** The slab lies on the disk, complete, and wants uploading. */
  readonly upload: boolean;
  /** The window's bytes are used up: the next one is wanted. */
  readonly windowDone: boolean;
  /** At the end of the file, when all of it has been checked: the CRC-64 of the whole. */
  readonly crc64?: string;
}

/**
 * The extraction of one file that is too big for the scratch disk: compressed windows go in, slabs of content come
 * out, and the inflater in between lives in this process. It cannot be stored, so when the process is lost the file is
 * inflated again from its start, without uploading again what was uploaded.
 */
export class BigFileInflater {
  window = 0;
  slab = 0;
  lastUsed = Date.now();
  readonly #file: BigFile;
  readonly #crc64: Crc64;
  readonly #content: Transform;
  #crc = 0;
  #produced = 0;
  #filled = 0;
  #remainder: Buffer | undefined;
  #outputFile: FileHandle | undefined;
  #inputState: 'no' | 'feeding' | 'yes' = 'no';
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

  /** Goes on until the slab is full, the window used up, or the file at its end. Slabs before `skip` are not kept. */
  async step(
    task: { input: string; last: boolean; output: string; skip: number },
    signal: AbortSignal,
  ): Promise<WindowStep> {
    this.lastUsed = Date.now();
    if (this.#inputState === 'no') this.#feed(task.input, task.last);
    const keep = this.slab >= task.skip;
    while (this.#filled < this.#file.slabBytes) {
      signal.throwIfAborted();
      const piece = await this.#next();
      if (piece === undefined) break;
      if (keep) await this.#write(piece, task.output);
      this.#filled += piece.length;
    }
    const windowDone =
      this.#ended ||
      (this.#inputState === 'yes' && this.#remainder === undefined && this.#content.readableLength === 0);
    if (this.#ended && this.#remainder === undefined) checkContent(this.#file, this.#produced, this.#crc);
    const atEnd = this.#ended && this.#remainder === undefined;
    const slabDone = this.#filled === this.#file.slabBytes || atEnd;
    const upload = slabDone && keep && this.#filled > 0;
    if (slabDone) await this.#finishSlab(upload, task.output);
    if (windowDone && !atEnd) {
      this.window += 1;
      this.#inputState = 'no';
    }
    return { slabDone, upload, windowDone, ...(atEnd ? { crc64: this.#crc64.decimal() } : {}) };
  }

  async close(): Promise<void> {
    this.#content.destroy();
    await this.#outputFile?.close();
    this.#outputFile = undefined;
  }

  /** The next bytes for this slab, or undefined when the window or the file has no more. */
  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const chunk = this.#remainder ?? this.#read();
      if (chunk !== undefined) {
        const room = this.#file.slabBytes - this.#filled;
        this.#remainder = chunk.length > room ? chunk.subarray(room) : undefined;
        return chunk.length > room ? chunk.subarray(0, room) : chunk;
      }
      if (this.#ended || this.#inputState === 'yes') return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#content.readableLength > 0 || this.#inputState === 'yes' || this.#ended) resolve();
      });
    }
  }

  /** What the inflater has ready, counted and added to the checksums once. */
  #read(): Buffer | undefined {
    const chunk = this.#content.read() as Buffer | null;
    if (chunk === null) return undefined;
    this.#produced += chunk.length;
    if (this.#produced > this.#file.size) {
      throw corruptEntry(`has more than the ${this.#file.size} bytes that it declares`);
    }
    this.#crc = crc32(chunk, this.#crc);
    this.#crc64.update(chunk);
    return chunk;
  }

  async #write(piece: Buffer, output: string): Promise<void> {
    this.#outputFile ??= await open(`${output}.tmp`, 'w');
    await this.#outputFile.write(piece, 0, piece.length, this.#filled);
  }

  async #finishSlab(upload: boolean, output: string): Promise<void> {
    await this.#outputFile?.close();
    this.#outputFile = undefined;
    if (upload) await rename(`${output}.tmp`, output);
    this.#filled = 0;
    this.slab += 1;
  }

  #feed(path: string, last: boolean): void {
    this.#inputState = 'feeding';
    const run = async (): Promise<void> => {
      for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
        // The callback comes when the chunk is inflated; after the end of the deflate stream it never comes.
        const taken = new Promise<void>((resolve) => this.#content.write(chunk, () => resolve()));
        await Promise.race([taken, this.#contentEnded]);
        if (this.#ended || this.#error !== undefined) return;
      }
      if (last) this.#content.end();
      else this.#inputState = 'yes';
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
