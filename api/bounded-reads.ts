import { Unavailable } from '../domain/errors.ts';
import type { TableStore } from '../ports/table-store.ts';

/** What the api needs of a store. */
export type Reads = Pick<TableStore, 'get' | 'getMany'>;

export interface ReadLimits {
  /** Reads under way at a time. */
  readonly parallel: number;
  /** Reads that may wait for their turn; one more is `Unavailable` at once, with the type `Busy`. */
  readonly waiting: number;
  /** Told of each read that was made, how long it took in seconds, and whether it was answered. */
  readonly onRead?: (seconds: number, answered: boolean) => void;
}

/** A store of which only so much is asked at a time, in the order in which it was asked. */
export function boundedReads(store: Reads, { parallel, waiting, onRead }: ReadLimits): Reads {
  const queue = new Set<() => void>();
  let underWay = 0;
  const enter = (signal: AbortSignal | undefined): Promise<void> | undefined => {
    if (underWay < parallel) {
      underWay++;
      return undefined;
    }
    if (queue.size >= waiting)
      throw new Unavailable('Busy', `${waiting} reads are waiting already`, { afterMs: 1_000 });
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        queue.delete(turn);
        reject(signal?.reason);
      };
      const turn = (): void => {
        signal?.removeEventListener('abort', gone);
        resolve();
      };
      queue.add(turn);
      signal?.addEventListener('abort', gone, { once: true });
    });
  };
  const leave = (): void => {
    const [next] = queue;
    if (next === undefined) underWay--;
    else {
      queue.delete(next);
      next();
    }
  };
  const read = async <T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    await enter(signal);
    const began = performance.now();
    let answered = false;
    try {
      const answer = await ask();
      answered = true;
      return answer;
    } finally {
      leave();
      onRead?.((performance.now() - began) / 1_000, answered);
    }
  };
  return {
    get: (table, key, options) => read(options?.signal, () => store.get(table, key, options)),
    getMany: (table, keys, options) => read(options?.signal, () => store.getMany(table, keys, options)),
  };
}
