import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { withTemporalFailures } from '../../activities/temporal-failures.ts';
import { InvalidInput, Unavailable } from '../../domain/errors.ts';

/** Returns the failure of an activity that throws `error` on attempt number `attempt`. */
async function failureOf(error: unknown, attempt = 1): Promise<unknown> {
  const { fails } = withTemporalFailures({ fails: () => Promise.reject(error) });
  const environment = new MockActivityEnvironment(
    { attempt },
    { logger: new DefaultLogger('ERROR', () => {}) },
  );
  try {
    await environment.run(fails);
  } catch (failure) {
    return failure;
  }
  return assert.fail('the activity did not fail');
}

const rows = [
  {
    name: 'never retries wrong input',
    error: new InvalidInput('NotAZip', 'it is not a zip archive'),
    expected: {
      type: 'NotAZip',
      message: 'it is not a zip archive',
      nonRetryable: true,
      nextRetryDelay: undefined,
    },
  },
  {
    name: 'retries Unavailable by the retry policy',
    error: new Unavailable('StoreUnavailable', 'busy'),
    expected: { type: 'StoreUnavailable', message: 'busy', nonRetryable: false, nextRetryDelay: undefined },
  },
  {
    name: 'retries Unavailable after the delay that it asks for',
    error: new Unavailable('StoreUnavailable', 'busy', { afterMs: 1500 }),
    expected: { type: 'StoreUnavailable', message: 'busy', nonRetryable: false, nextRetryDelay: 1500 },
  },
  {
    name: 'retries a bug, because a deployment may fix it',
    error: new TypeError('x is undefined'),
    expected: { type: 'Bug', message: 'x is undefined', nonRetryable: false, nextRetryDelay: undefined },
  },
] as const;

for (const { name, error, expected } of rows) {
  test(name, async () => {
    const failure = await failureOf(error);
    assert.ok(failure instanceof ApplicationFailure);
    const { type, message, nonRetryable, nextRetryDelay } = failure;
    assert.deepEqual(
      { type, message, nonRetryable: nonRetryable ?? false, nextRetryDelay: nextRetryDelay ?? undefined },
      expected,
    );
  });
}

test('does not retry a bug forever', async () => {
  const failure = await failureOf(new TypeError('x is undefined'), 1_000);
  assert.ok(failure instanceof ApplicationFailure && failure.nonRetryable);
});

test('keeps the start and the end of a message of megabytes', async () => {
  const text = `archive oss://b/${'x'.repeat(3_000_000)}: it is cut off`;
  const failure = await failureOf(new Unavailable('StoreUnavailable', text));
  assert.ok(failure instanceof ApplicationFailure && failure.message.length <= 4_000);
  assert.match(failure.message, /^archive oss:\/\/b\/x+…x+: it is cut off$/);
});

test('keeps a message of 4,000 characters as it is', async () => {
  const text = 'x'.repeat(4_000);
  const failure = await failureOf(new InvalidInput('NotAZip', text));
  assert.equal((failure as ApplicationFailure).message, text);
});

test('passes a failure of Temporal through unchanged', async () => {
  const own = ApplicationFailure.nonRetryable('mine', 'Mine');
  assert.equal(await failureOf(own), own);
});

test('ends a cancelled activity as cancelled, whatever it throws', async () => {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => {}) });
  const { fails } = withTemporalFailures({
    async fails() {
      environment.cancel();
      throw new InvalidInput('NotAZip', 'a consequence of the abort');
    },
  });
  await assert.rejects(environment.run(fails), CancelledFailure);
});

test('returns the result of a successful activity', async () => {
  const { add } = withTemporalFailures({ add: async (a: number, b: number) => a + b });
  assert.equal(await new MockActivityEnvironment().run(add, 2, 3), 5);
});
