/** Delays that grow with each failure, in ms. */
export interface BackoffPolicy {
  readonly firstMs: number;
  /** The maximum delay. */
  readonly longestMs: number;
  /** Each delay is this many times the previous one. @default 2 */
  readonly factor?: number;
  /** The share of a delay by which it varies at random, so that many callers do not retry together. @default 0.25 */
  readonly jitter?: number;
}

/** Returns the delay after `failures` consecutive failures (1 is the first). `random` is in [0, 1). */
export function backoffMs(
  { firstMs, longestMs, factor = 2, jitter = 0.25 }: BackoffPolicy,
  failures: number,
  random: number = Math.random(),
): number {
  const grown = Math.min(longestMs, firstMs * factor ** Math.max(0, failures - 1));
  const [shortest, longest] = [grown * (1 - jitter), Math.min(longestMs, grown * (1 + jitter))];
  return shortest + (longest - shortest) * random;
}

/** Counts consecutive failures for `backoffMs`. */
export class Backoff {
  readonly #policy: BackoffPolicy;
  #failures = 0;

  constructor(policy: BackoffPolicy) {
    this.#policy = policy;
  }

  /** Counts one more failure and returns the delay after it. */
  next(): number {
    this.#failures++;
    return backoffMs(this.#policy, this.#failures);
  }

  reset(): void {
    this.#failures = 0;
  }
}
