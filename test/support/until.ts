import { setTimeout as delay } from 'node:timers/promises';

/** Polls until the result is neither undefined nor false. Throws an error with `what` after the deadline. */
export async function until<T>(
  what: string,
  poll: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const result = await poll();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`timeout after ${deadlineMs} ms: ${what}`);
    await delay(20);
  }
}
