import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, backoffMs, type RetryOptions, retry } from '../../domain/backoff.ts';

const WAITS = { firstMs: 100, longestMs: 1_000, jitter: 0 };

/** Policy, failures in a row, random number, and the wait in ms. */
const rows: readonly (readonly [string, object, number, number, number])[] = [
  ['the first wait is the first', {}, 1, 0.5, 100],
  ['no failure waits like the first', {}, 0, 0.5, 100],
  ['each wait is twice the one before', {}, 3, 0.5, 400],
  ['no wait is over the longest', {}, 5, 0.5, 1_000],
  ['so many failures that the number overflows', {}, 5_000, 0.5, 1_000],
  ['another factor', { factor: 8 }, 2, 0.5, 800],
  ['jitter makes a wait shorter', { jitter: 0.25 }, 1, 0, 75],
  ['jitter makes a wait longer', { jitter: 0.25 }, 1, 1, 125],
  ['jitter of the longest only shortens it', { jitter: 0.5 }, 9, 1, 1_000],
  ['jitter of the longest spreads it below', { jitter: 0.5 }, 9, 0, 500],
  ['the longest waits are spread evenly', { jitter: 0.5 }, 9, 0.5, 750],
  ['without a jitter of its own it is a quarter', { jitter: undefined }, 2, 0, 150],
];
for (const [what, policy, failures, random, expected] of rows)
  test(`backoff: ${what}`, () => {
    const { jitter, ...rest } = { ...WAITS, ...policy };
    assert.equal(
      backoffMs({ ...rest, ...(jitter === undefined ? {} : { jitter }) }, failures, random),
      expected,
    );
  });

test('a Backoff counts its failures, and begins anew after a reset', () => {
  const backoff = new Backoff(WAITS);
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [100, 200, 400]);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});

/** Retries work that fails so often, on a clock that only waits move; answers the outcome and the waits. */
async function retried(failures: number, options: Partial<RetryOptions> = {}) {
  let now = 0;
  let calls = 0;
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    now += ms;
  };
  const attempt = async (): Promise<string> => {
    if (calls++ < failures) throw new Error(`failure ${calls}`);
    return 'done';
  };
  const outcome = await retry(
    attempt,
    { ...WAITS, isRetryable: () => true, ...options },
    { now: () => now, sleep },
  ).catch((error: Error) => error.message);
  return { outcome, waits };
}

const outcomes: readonly (readonly [string, number, Partial<RetryOptions>, string, number[]])[] = [
  ['what succeeds is not called again', 0, {}, 'done', []],
  ['what fails is called again after waits that grow', 3, {}, 'done', [100, 200, 400]],
  ['what is not retryable fails at once', 1, { isRetryable: () => false }, 'failure 1', []],
  ['no try begins after the whole time', 9, { totalMs: 299 }, 'failure 2', [100]],
  ['a try may begin at the end of the whole time', 9, { totalMs: 300 }, 'failure 3', [100, 200]],
  ['the wait that was asked for takes the place of ours', 2, { retryAfterMs: () => 7 }, 'done', [7, 7]],
  ['a wait of nothing may be asked for', 1, { retryAfterMs: () => 0 }, 'done', [0]],
];
for (const [what, failures, options, outcome, waits] of outcomes)
  test(`retry: ${what}`, async () => {
    assert.deepEqual(await retried(failures, options), { outcome, waits });
  });

test('retry: each wait is told before it begins, with its reason', async () => {
  const told: string[] = [];
  await retried(2, { onRetry: (error, waitMs) => told.push(`${(error as Error).message} ${waitMs}`) });
  assert.deepEqual(told, ['failure 1 100', 'failure 2 200']);
});

test('retry: a wait that the signal ends is the end of the call', async () => {
  let calls = 0;
  const attempt = async (): Promise<never> => {
    calls++;
    throw new Error('away');
  };
  const stopping = new AbortController();
  const call = retry(
    attempt,
    { firstMs: 60_000, longestMs: 60_000, isRetryable: () => true, signal: stopping.signal },
    { now: () => performance.now(), sleep },
  );
  setImmediate(() => stopping.abort());
  await assert.rejects(call, { name: 'AbortError' });
  assert.equal(calls, 1);
});
