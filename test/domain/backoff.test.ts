import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, backoffMs } from '../../domain/backoff.ts';
import { type RetryOptions, retry } from '../../domain/retry.ts';

const WAITS = { firstMs: 100, longestMs: 1_000, jitter: 0 };

/** The policy, the number of consecutive failures, the random number, and the delay in ms. */
const rows: readonly (readonly [string, object, number, number, number])[] = [
  ['the first delay is firstMs', {}, 1, 0.5, 100],
  ['zero failures have the same delay as one', {}, 0, 0.5, 100],
  ['each delay is twice the previous one', {}, 3, 0.5, 400],
  ['no delay exceeds the maximum', {}, 5, 0.5, 1_000],
  ['a number of failures that overflows gives the maximum', {}, 5_000, 0.5, 1_000],
  ['the factor can be set', { factor: 8 }, 2, 0.5, 800],
  ['jitter shortens a delay', { jitter: 0.25 }, 1, 0, 75],
  ['jitter lengthens a delay', { jitter: 0.25 }, 1, 1, 125],
  ['jitter does not lengthen the maximum delay', { jitter: 0.5 }, 9, 1, 1_000],
  ['jitter shortens the maximum delay', { jitter: 0.5 }, 9, 0, 500],
  ['maximum delays are spread evenly', { jitter: 0.5 }, 9, 0.5, 750],
  ['the default jitter is a quarter', { jitter: undefined }, 2, 0, 150],
];
for (const [name, policy, failures, random, expected] of rows)
  test(`backoff: ${name}`, () => {
    const { jitter, ...rest } = { ...WAITS, ...policy };
    assert.equal(
      backoffMs({ ...rest, ...(jitter === undefined ? {} : { jitter }) }, failures, random),
      expected,
    );
  });

test('Backoff counts failures, and starts again after a reset', () => {
  const backoff = new Backoff(WAITS);
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [100, 200, 400]);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});

/**
 * Retries work that fails `failures` times, on a clock that moves only during delays. Returns the outcome and the
 * delays.
 */
async function retryFailingWork(failures: number, options: Partial<RetryOptions> = {}) {
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
  ['does not repeat a success', 0, {}, 'done', []],
  ['retries a failure after growing delays', 3, {}, 'done', [100, 200, 400]],
  ['does not retry an error that is not retryable', 1, { isRetryable: () => false }, 'failure 1', []],
  ['starts no attempt after the total time', 9, { totalMs: 299 }, 'failure 2', [100]],
  ['may start an attempt at the end of the total time', 9, { totalMs: 300 }, 'failure 3', [100, 200]],
  ['uses the delay that the error asks for', 2, { retryAfterMs: () => 7 }, 'done', [7, 7]],
  ['accepts a requested delay of zero', 1, { retryAfterMs: () => 0 }, 'done', [0]],
];
for (const [name, failures, options, outcome, waits] of outcomes)
  test(`retry: ${name}`, async () => {
    assert.deepEqual(await retryFailingWork(failures, options), { outcome, waits });
  });

test('retry: reports each delay with its reason before the delay starts', async () => {
  const retries: string[] = [];
  await retryFailingWork(2, {
    onRetry: (error, waitMs) => retries.push(`${(error as Error).message} ${waitMs}`),
  });
  assert.deepEqual(retries, ['failure 1 100', 'failure 2 200']);
});

test('retry: ends the call if the signal aborts a delay', async () => {
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
