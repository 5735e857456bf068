import { setTimeout as pause } from 'node:timers/promises';
import type { RowsApi } from '../../ots/rows-api.ts';

/** Rows by the subject of their events, each with the revisions that the service said it has. */
export type Acknowledged = ReadonlyMap<string, readonly number[]>;

const DATE = '2026-11-22';
const TICK_MS = 10;

/**
 * Writes rows, each with a `revision` that grows, at a rate that faults do not lower: a row whose write is under way
 * is left out, one whose write failed goes on with the next revision.
 */
export class SourceWriter {
  readonly acknowledged = new Map<string, number[]>();
  readonly #rows: RowsApi;
  readonly #random: () => number;
  readonly #idle: string[];
  readonly #revisions = new Map<string, number>();
  readonly #stopping = new AbortController();
  #failed = 0;
  #writing: Promise<void> | undefined;

  constructor(rows: RowsApi, random: () => number, keys: number) {
    this.#rows = rows;
    this.#random = random;
    this.#idle = Array.from({ length: keys }, (_, number) => String(110_000 + number));
  }

  /** Writes that the service did not acknowledge: whether it has made them nobody knows. */
  get failed(): number {
    return this.#failed;
  }

  /** How many writes were acknowledged. */
  get count(): number {
    return [...this.acknowledged.values()].reduce((sum, { length }) => sum + length, 0);
  }

  start(perSecond: number): void {
    this.#writing = this.#write(perSecond);
  }

  /** Ends with the answers to the writes that are under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#writing;
  }

  async #write(perSecond: number): Promise<void> {
    const began = performance.now();
    const underWay = new Set<Promise<void>>();
    for (let begun = 0; !this.#stopping.signal.aborted; ) {
      const due = Math.floor(((performance.now() - began) * perSecond) / 1_000);
      for (; begun < due; begun++) {
        const [adcode] = this.#idle.splice(Math.floor(this.#random() * this.#idle.length), 1);
        if (adcode === undefined) continue;
        const write = this.#put(adcode).finally(() => {
          underWay.delete(write);
          this.#idle.push(adcode);
        });
        underWay.add(write);
      }
      await pause(TICK_MS);
    }
    await Promise.all(underWay);
  }

  async #put(adcode: string): Promise<void> {
    const revision = (this.#revisions.get(adcode) ?? -1) + 1;
    this.#revisions.set(adcode, revision);
    const key = [
      { name: 'adcode', value: adcode },
      { name: 'date', value: DATE },
    ];
    const cells = [
      { name: 'revision', value: BigInt(revision) },
      { name: 'dayweather', value: this.#random() < 0.5 ? '晴' : '多云' },
      { name: 'daytemp', value: String(Math.floor(this.#random() * 40)) },
    ];
    try {
      await this.#rows.put('weather', key, cells);
      const subject = `adcode=${adcode},date=${DATE}`;
      const known = this.acknowledged.get(subject);
      if (known === undefined) this.acknowledged.set(subject, [revision]);
      else known.push(revision);
    } catch {
      this.#failed++;
    }
  }
}
