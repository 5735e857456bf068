import { AdmissionQueue } from '../domain/admission-queue.ts';
import type { TableStore } from '../ports/table-store.ts';

/** What the api needs of a store. */
export type StoreReads = Pick<TableStore, 'get' | 'getMany'>;

/** How much at a time: of reads, and of the rows that they ask for, since memory is taken by rows. */
export interface ReadAmount {
  readonly reads: number;
  readonly rows: number;
}

export interface ReadLimits {
  /** Under way at a time; a read of more rows than that goes alone. */
  readonly parallel: ReadAmount;
  /** What may wait for its turn; a read that goes beyond it is `Unavailable` at once, with the type `Busy`. */
  readonly waiting: ReadAmount;
  /** Told of each read that was made, how long it took in seconds, and whether it was answered. */
  readonly onRead?: (seconds: number, answered: boolean) => void;
}

/** A store of which only so much is asked at a time, in the order in which it was asked. */
export function boundedReads(store: StoreReads, { parallel, waiting, onRead }: ReadLimits): StoreReads {
  const queue = new AdmissionQueue({ parallel: toQueueLimits(parallel), waiting: toQueueLimits(waiting) });
  const read = async <T>(
    rows: number,
    signal: AbortSignal | undefined,
    ask: () => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    return queue.run(() => timed(ask), rows, signal);
  };
  const timed = async <T>(ask: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    let answered = false;
    try {
      const answer = await ask();
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
