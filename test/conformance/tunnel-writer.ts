import { setTimeout as pause } from 'node:timers/promises';
import type { Cell } from '../../ots/wire/row.ts';
import type { TunnelCloud } from './tunnel-cloud.ts';
import { changeText, type WrittenRows } from './tunnel-verdict.ts';

/** Delay between two writes, so that changes come in many small batches. */
const PACE_MS = 4;

/** Writes rows one after the other, and records what it wrote. */
export class TunnelWriter implements WrittenRows {
  readonly base = new Set<string>();
  readonly changes = new Map<string, string[]>();
  readonly #cloud: TunnelCloud;
  readonly #ids: readonly string[];
  /**
   * The existing rows. Only these are deleted: it is undocumented whether the deletion of a missing row is a change.
   */
  readonly #rows = new Set<string>();
  #revision = 0;
  #random = 1;
  #writing: Promise<void> | undefined;
  #stop = false;

  constructor(cloud: TunnelCloud, rows: number) {
    this.#cloud = cloud;
    this.#ids = Array.from({ length: rows }, (_, number) => `k${String(number).padStart(3, '0')}`);
  }

  /** Writes every row for the first time. A tunnel created afterwards delivers them as base data. */
  async fill(): Promise<void> {
    for (const id of this.#ids) {
      await this.#cloud.put(id, [this.#next(), { name: 'note', value: `first of ${id}` }]);
      this.base.add(id);
      this.#rows.add(id);
    }
  }

  /** Updates every row once. */
  async touch(): Promise<void> {
    for (const id of this.#ids) await this.#write(id, 'UpdateRow', [this.#next()]);
  }

  /** Writes rows and kinds of change in a reproducible order, until `stop`. */
  start(): void {
    this.#stop = false;
    this.#writing = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await this.#writing;
  }

  async #loop(): Promise<void> {
    while (!this.#stop) {
      const id = this.#ids[this.#draw(this.#ids.length)] ?? '';
      const kind = this.#draw(10);
      if (kind === 0 && this.#rows.has(id)) await this.#write(id, 'DeleteRow', []);
      else if (kind < 4)
        await this.#write(id, 'PutRow', [this.#next(), { name: 'note', value: `put of ${id}` }]);
      else if (kind < 5)
        await this.#write(id, 'UpdateRow', [
          this.#next(),
          { name: 'note', operation: 'delete all versions' },
        ]);
      else await this.#write(id, 'UpdateRow', [this.#next()]);
      await pause(PACE_MS);
    }
  }

  async #write(
    id: string,
    action: 'PutRow' | 'UpdateRow' | 'DeleteRow',
    cells: readonly Cell[],
  ): Promise<void> {
    if (action === 'PutRow') await this.#cloud.put(id, cells);
    else if (action === 'UpdateRow') await this.#cloud.update(id, cells);
    else await this.#cloud.delete(id);
    if (action === 'DeleteRow') this.#rows.delete(id);
    else this.#rows.add(id);
    const columns = cells.map(({ name, value, operation = 'put' }) => ({
      ...{ name, change: operation, value: String(value) },
    }));
    this.changes.set(id, [...(this.changes.get(id) ?? []), changeText(action, columns)]);
  }

  #next(): Cell {
    this.#revision += 1;
    return { name: 'rev', value: BigInt(this.#revision) };
  }

  /** Returns a number below `limit`. The sequence is the same in every run. */
  #draw(limit: number): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * limit);
  }
}
