import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Unavailable } from '../../domain/errors.ts';

/** Sluice always leaves this many bytes of the disk free. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

/** A download waits this long for a slot. After this time, Temporal retries the download, perhaps on another worker. */
const RESERVE_TIMEOUT_MS = 5_000;

/** Thrown if data that a step needs is no longer on this disk or in this process. The part then starts again. */
export class ScratchLost extends Unavailable {
  constructor(what: string, problem = "is not on this worker's scratch disk") {
    super('ScratchLost', `${what} ${problem}`);
  }
}

/** The problem of data that was changed on the disk. */
export const DAMAGED = "is damaged on this worker's scratch disk";

/**
 * The local disk that holds parts between steps. File names consist of run, part and attempt, never of entry names. A
 * file gets its final name only when it is complete.
 */
export class ScratchSpace {
  readonly root: string;
  /** The task queue of the steps that need this worker's disk. */
  readonly queue: string;
  readonly #slots: number;
  readonly #takenSlots = new Set<string>();
  readonly #waiting = new Set<() => void>();

  constructor({ root, queue, slots }: { root: string; queue: string; slots: number }) {
    this.root = root;
    this.queue = queue;
    this.#slots = slots;
  }

  path(runId: string, name: string): string {
    return join(this.root, runId, name);
  }

  /** Takes a slot, and waits a few seconds for it if necessary. Checks that the disk has `bytes` of free space. */
  async reserve(runId: string, part: string, bytes: number, signal: AbortSignal): Promise<void> {
    const slot = `${runId}/${part}`;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(RESERVE_TIMEOUT_MS)]);
    while (!this.#takenSlots.has(slot) && this.#takenSlots.size >= this.#slots) {
      if (!(await this.#waitForRelease(deadline))) {
        signal.throwIfAborted();
        throw new Unavailable('ScratchFull', `all ${this.#slots} slots of the scratch disk are taken`, {
          afterMs: 100,
        });
      }
    }
    this.#takenSlots.add(slot);
    let free = 0;
    try {
      await mkdir(join(this.root, runId), { recursive: true });
      const { bavail, bsize } = await statfs(this.root);
      free = bavail * bsize;
      if (free >= bytes + MIN_FREE_BYTES) return;
    } catch (error) {
      this.#release(slot);
      const code = (error as NodeJS.ErrnoException).code;
      const why = `the scratch disk at ${this.root} cannot be used (${code}); set SLUICE_SCRATCH to a writable folder`;
      throw new Unavailable('ScratchFull', why, { cause: error, afterMs: 5_000 });
    }
    this.#release(slot);
    const need = `${free} bytes free, but a part needs ${bytes}`;
    const why = `the scratch disk at ${this.root} has ${need}; free some space, or set SLUICE_SCRATCH to another disk`;
    throw new Unavailable('ScratchFull', why, { afterMs: 5_000 });
  }

  async has(runId: string, name: string): Promise<boolean> {
    return await stat(this.path(runId, name)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  /** Writes a small file atomically. */
  async write(runId: string, name: string, body: Buffer): Promise<void> {
    const path = this.path(runId, name);
    await writeFile(`${path}.tmp`, body);
    await rename(`${path}.tmp`, path);
  }

  /** Deletes the given files of a part and releases its slot. */
  async release(runId: string, part: string, files: readonly string[]): Promise<void> {
    for (const file of files) await rm(this.path(runId, file), { force: true });
    this.#release(`${runId}/${part}`);
  }

  /** Deletes all files of a part and releases its slot. */
  async releaseAll(runId: string, part: string): Promise<void> {
    const folder = join(this.root, runId);
    const files = await readdir(folder).catch(() => []);
    for (const file of files) if (file.startsWith(`${part}.`)) await rm(join(folder, file), { force: true });
    this.#release(`${runId}/${part}`);
  }

  /** Deletes all files of a run and releases its slots. */
  async discard(runId: string): Promise<void> {
    await rm(join(this.root, runId), { recursive: true, force: true });
    for (const slot of [...this.#takenSlots]) if (slot.startsWith(`${runId}/`)) this.#release(slot);
  }

  #release(slot: string): void {
    this.#takenSlots.delete(slot);
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves to true when a slot is released, or to false when `signal` aborts. */
  #waitForRelease(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (free: boolean): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', giveUp);
        resolve(free);
      };
      const wake = (): void => done(true);
      const giveUp = (): void => done(false);
      this.#waiting.add(wake);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }
}
