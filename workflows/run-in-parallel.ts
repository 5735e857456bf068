import { CancellationScope } from '@temporalio/workflow';

/**
 * Works on items in order, at most `parallel` at the same time, until none is left or `mayStart()` returns false.
 * Returns the number of items that were started. The first error cancels the work in flight. The function throws this
 * error when all work in flight has ended.
 */
export async function runInParallel<T>(
  items: readonly T[],
  {
    parallel,
    mayStart,
    onError,
  }: { parallel: number; mayStart: () => boolean; onError: (error: unknown) => void },
  work: (item: T) => Promise<void>,
): Promise<number> {
  let next = 0;
  let failure: { error: unknown } | undefined;
  const scope = new CancellationScope();
  await scope.run(async () => {
    const workThroughItems = async (): Promise<void> => {
      while (failure === undefined && next < items.length && mayStart()) {
        const item = items[next++] as T;
        try {
          await work(item);
        } catch (error) {
          onError(error);
          failure ??= { error };
          scope.cancel();
        }
      }
    };
    await Promise.all(Array.from({ length: parallel }, workThroughItems));
  });
  if (failure !== undefined) throw failure.error;
  return next;
}
