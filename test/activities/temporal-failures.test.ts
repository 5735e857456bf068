import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { withTemporalFailures } from '../../activities/temporal-failures.ts';
import { InvalidInput, Unavailable } from '../../domain/errors.ts';

/** What an activity that throws `error` ends with, on its n-th attempt. */
async function endOf(error: unknown, attempt = 1): Promise<unknown> {
  const { fails } = withTemporalFailures({ fails: () => Promise.reject(error) });
  const environment = new MockActivityEnvironment(
    { attempt },
    { logger: new DefaultLogger('ERROR', () => {}) },
  );
  try {
    await environment.run(fails);
  } catch (end) {
    return end;
  }
  return assert.fail('it did not fail');
}

const rows = [
  {
    name: 'wrong input is never retried',
    error: new InvalidInput('NotAZip', 'it is no zip'),
    end: { type: 'NotAZip', message: 'it is no zip', nonRetryable: true, nextRetryDelay: undefined },
  },
  {
    name: 'an unavailable world is retried by the policy',
    error: new Unavailable('StoreUnavailable', 'busy'),
    end: { type: 'StoreUnavailable', message: 'busy', nonRetryable: false, nextRetryDelay: undefined },
  },
  {
    name: 'an unavailable world is retried after the wait it asked for',
    error: new Unavailable('StoreUnavailable', 'busy', { afterMs: 1500 }),
    end: { type: 'StoreUnavailable', message: 'busy', nonRetryable: false, nextRetryDelay: 1500 },
  },
  {
    name: 'our bug is retried, since a deployment may mend it',
    error: new TypeError('x is undefined'),
    end: { type: 'Bug', message: 'x is undefined', nonRetryable: false, nextRetryDelay: undefined },
  },
] as const;

for (const { name, error, end } of rows) {
  test(name, async () => {
    const failure = await endOf(error);
    assert.ok(failure instanceof ApplicationFailure);
    const { type, message, nonRetryable, nextRetryDelay } = failure;
    assert.deepEqual(
      { type, message, nonRetryable: nonRetryable ?? false, nextRetryDelay: nextRetryDelay ?? undefined },
      end,
    );
  });
}

test('our bug is not retried for ever', async () => {
  const failure = await endOf(new TypeError('x is undefined'), 1_000);
  assert.ok(failure instanceof ApplicationFailure && failure.nonRetryable);
});

test('a message of megabytes is cut', async () => {
  const failure = await endOf(new Unavailable('StoreUnavailable', 'x'.repeat(3_000_000)));
  assert.ok(failure instanceof ApplicationFailure && failure.message.length <= 1_000);
});

test('a failure of Temporal’s own goes through as it is', async () => {
  const own = ApplicationFailure.nonRetryable('mine', 'Mine');
  assert.equal(await endOf(own), own);
});

test('a cancelled activity ends as cancelled, whatever it threw', async () => {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => {}) });
  const { fails } = withTemporalFailures({
    async fails() {
      environment.cancel();
      throw new InvalidInput('NotAZip', 'a consequence of the abort');
    },
  });
  await assert.rejects(environment.run(fails), CancelledFailure);
});

test('what succeeds is handed on', async () => {
  const { add } = withTemporalFailures({ add: async (a: number, b: number) => a + b });
  assert.equal(await new MockActivityEnvironment().run(add, 2, 3), 5);
});
