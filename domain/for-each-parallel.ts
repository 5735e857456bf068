/**
 * Runs `work` on every item, at most `parallel` at the same time. After the first error it starts no more work, waits
 * for the work in flight, and throws the error.
 */
export async function forEachParallel<T>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  let exhausted = false;
  const workThroughItems = async (): Promise<void> => {
    while (!failed && !exhausted) {
      try {
        const next = iterator.next();
        if (next.done) exhausted = true;
        else await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers: Promise<void>[] = [];
  while (workers.length < parallel && !failed && !exhausted) workers.push(workThroughItems());
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
