import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until the result is neither undefined nor false. Throws an error with `description` after `timeoutMs`. The default
 * only ends a test that hangs: it is long enough for a machine whose cores are busy.
 */
export async function until<T>(
  description: string,
  poll: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 240_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await poll();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`timeout after ${timeoutMs} ms: ${description}`);
    await delay(20);
  }
}
