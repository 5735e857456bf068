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
  const workThroughItems = async (): Promise<void> => {
    while (!failed) {
      const next = iterator.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: parallel }, workThroughItems));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
