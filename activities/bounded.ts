/**
 * Runs `work` on every item, at most `parallel` at a time. The first error, or an abort, starts nothing more; what is
 * under way is always waited for, so that no work goes on behind a settled promise.
 */
export async function forEachBounded<T>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
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
  const lanes = await Promise.allSettled(Array.from({ length: parallel }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
}
