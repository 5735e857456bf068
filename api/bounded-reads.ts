import { Unavailable } from '../domain/errors.ts';
import type { TableStore } from '../ports/table-store.ts';

/** What the api needs of a store. */
export type Reads = Pick<TableStore, 'get' | 'getMany'>;

/** How much at a time: of reads, and of the rows that they ask for, since memory is taken by rows. */
export interface Amount {
  readonly reads: number;
  readonly rows: number;
}

export interface ReadLimits {
  /** Under way at a time; a read of more rows than that goes alone. */
  readonly parallel: Amount;
  /** What may wait for its turn; a read that goes beyond it is `Unavailable` at once, with the type `Busy`. */
  readonly waiting: Amount;
  /** Told of each read that was made, how long it took in seconds, and whether it was answered. */
  readonly onRead?: (seconds: number, answered: boolean) => void;
}

interface Waiting {
  readonly rows: number;
  readonly go: () => void;
}

/** A store of which only so much is asked at a time, in the order in which it was asked. */
export function boundedReads(store: Reads, { parallel, waiting, onRead }: ReadLimits): Reads {
  const queue = new Set<Waiting>();
  const underWay = { reads: 0, rows: 0 };
  let rowsWaiting = 0;
  const begin = (rows: number): void => {
    underWay.reads++;
    underWay.rows += rows;
  };
  const fits = (rows: number): boolean =>
    underWay.reads === 0 || (underWay.reads < parallel.reads && underWay.rows + rows <= parallel.rows);
  const remove = (one: Waiting): void => {
    if (queue.delete(one)) rowsWaiting -= one.rows;
  };
  const letIn = (): void => {
    for (const one of queue) {
      // Nobody overtakes, or large reads would never get their turn.
      if (!fits(one.rows)) return;
      remove(one);
      begin(one.rows);
      one.go();
    }
  };
  const enter = (rows: number, signal: AbortSignal | undefined): Promise<void> | undefined => {
    if (queue.size === 0 && fits(rows)) {
      begin(rows);
      return undefined;
    }
    // A read of more rows than may wait may still wait alone.
    const isFull = queue.size > 0 && rowsWaiting + rows > waiting.rows;
    if (queue.size >= waiting.reads || isFull)
      throw new Unavailable('Busy', `${queue.size} reads of ${rowsWaiting} rows are waiting already`, {
        afterMs: 1_000,
      });
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        remove(turn);
        reject(signal?.reason);
        letIn();
      };
      const turn: Waiting = {
        rows,
        go: () => {
          signal?.removeEventListener('abort', gone);
          resolve();
        },
      };
      queue.add(turn);
      rowsWaiting += rows;
      signal?.addEventListener('abort', gone, { once: true });
    });
  };
  const read = async <T>(
    rows: number,
    signal: AbortSignal | undefined,
    ask: () => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    await enter(rows, signal);
    const began = performance.now();
    let answered = false;
    try {
      const answer = await ask();
      answered = true;
      return answer;
    } finally {
      underWay.reads--;
      underWay.rows -= rows;
      letIn();
      onRead?.((performance.now() - began) / 1_000, answered);
    }
  };
  return {
    get: (table, key, options) => read(1, options?.signal, () => store.get(table, key, options)),
    getMany: (table, keys, options) =>
      read(keys.length, options?.signal, () => store.getMany(table, keys, options)),
  };
}
