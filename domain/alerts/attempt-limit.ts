/** Longer than a minute, because the receiver counts when messages arrive, not when they are sent. */
const WINDOW_MS = 61_000;

/**
 * Returns when the next attempt is allowed, in epoch ms. Any minute may have at most `perMinute` attempts. If
 * `perMinute` is undefined, there is no limit. `attempts` are the instants of earlier attempts, in order.
 */
export function nextAttemptAt(
  attempts: readonly number[],
  perMinute: number | undefined,
  now: number,
): number {
  const oldest = perMinute === undefined ? undefined : attempts.at(-perMinute);
  return oldest === undefined ? now : Math.max(now, oldest + WINDOW_MS);
}

/** Adds an attempt. Keeps as many as `nextAttemptAt` needs. */
export const addAttempt = (
  attempts: readonly number[],
  perMinute: number | undefined,
  now: number,
): number[] => (perMinute === undefined ? [] : [...attempts, now].slice(-perMinute));
