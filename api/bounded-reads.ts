import { AdmissionQueue } from '../domain/admission-queue.ts';
import type { TableStore } from '../ports/table-store.ts';

/** The reads that the api needs from a store. */
export type StoreReads = Pick<TableStore, 'get' | 'getMany'>;

/** A number of reads, and of the rows that they read. Rows determine the memory. */
export interface ReadAmount {
  readonly reads: number;
  readonly rows: number;
}

export interface ReadLimits {
  /** Upper bound for concurrent reads. A read with more rows runs alone. */
  readonly parallel: ReadAmount;
  /** Upper bound for waiting reads. If they exceed this, a read fails at once as `Unavailable` with the type `Busy`. */
  readonly waiting: ReadAmount;
  /** Called after each read, with its duration in seconds and whether it succeeded. */
  readonly onRead?: (seconds: number, answered: boolean) => void;
}

/** Limits the concurrent reads of a store. Waiting reads run in order. */
export function boundedReads(store: StoreReads, { parallel, waiting, onRead }: ReadLimits): StoreReads {
  const queue = new AdmissionQueue({ parallel: toQueueLimits(parallel), waiting: toQueueLimits(waiting) });
  const read = async <T>(
    rows: number,
    signal: AbortSignal | undefined,
    readStore: () => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    return queue.run(() => timed(readStore), rows, signal);
  };
  const timed = async <T>(readStore: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    let answered = false;
    try {
      const answer = await readStore();
      answered = true;
      return answer;
    } finally {
      onRead?.((performance.now() - began) / 1_000, answered);
    }
  };
  return {
    get: (table, key, options) => read(1, options?.signal, () => store.get(table, key, options)),
    getMany: (table, keys, options) =>
      read(keys.length, options?.signal, () => store.getMany(table, keys, options)),
  };
}

const toQueueLimits = ({ reads, rows }: ReadAmount) => ({ slots: reads, weight: rows });
