import { setTimeout as pause } from 'node:timers/promises';
import type { RowsApi } from '../../ots/rows-api.ts';

/** The acknowledged revisions of each row, by the subject of its events. */
export type Acknowledged = ReadonlyMap<string, readonly number[]>;

const DATE = '2026-11-22';
const TICK_MS = 10;

/**
 * Writes rows with a growing `revision`, at a constant rate, also during faults. A row with a write in flight is
 * skipped. After a failed write, the row continues with the next revision.
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

  constructor(rows: RowsApi, random: () => number, rowCount: number) {
    this.#rows = rows;
    this.#random = random;
    this.#idle = Array.from({ length: rowCount }, (_, number) => String(110_000 + number));
  }

  /** The number of writes that the service did not acknowledge. Some of them may have been executed. */
  get failed(): number {
    return this.#failed;
  }

  /** The number of acknowledged writes. */
  get acknowledgedCount(): number {
    return [...this.acknowledged.values()].reduce((sum, { length }) => sum + length, 0);
  }

  start(perSecond: number): void {
    this.#writing = this.#write(perSecond);
  }

  /** Stops, and waits for the answers to the writes in flight. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#writing;
  }

  async #write(perSecond: number): Promise<void> {
    const began = performance.now();
    const inFlight = new Set<Promise<void>>();
    for (let begun = 0; !this.#stopping.signal.aborted; ) {
      const due = Math.floor(((performance.now() - began) * perSecond) / 1_000);
      for (; begun < due; begun++) {
        const [adcode] = this.#idle.splice(Math.floor(this.#random() * this.#idle.length), 1);
        if (adcode === undefined) continue;
        const write = this.#put(adcode).finally(() => {
          inFlight.delete(write);
          this.#idle.push(adcode);
        });
        inFlight.add(write);
      }
      await pause(TICK_MS);
    }
    await Promise.all(inFlight);
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
