import { freshnessTable } from '../ports/weather-tables.ts';
import type { Reads } from './bounded-reads.ts';

const DEADLINE_MS = 1_000;
const FRESH_MS = 2_000;

/** Whether the store can be read: asked at most once in two seconds, for a row that need not be there. */
export function storeReachable(store: Reads): () => Promise<boolean> {
  let asked = Number.NEGATIVE_INFINITY;
  let last: Promise<boolean> = Promise.resolve(false);
  return () => {
    if (performance.now() - asked > FRESH_MS) {
      asked = performance.now();
      last = store
        .get(freshnessTable, { adcode: '110000' }, { signal: AbortSignal.timeout(DEADLINE_MS) })
        .then(
          () => true,
          () => false,
        );
    }
    return last;
  };
}
