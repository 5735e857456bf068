import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyError, InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';

const rows = [
  {
    name: 'wrong input is never retried',
    error: new InvalidInput('NotAZip', 'no'),
    verdict: { kind: 'input', type: 'NotAZip', retry: false },
  },
  {
    name: 'an unavailable world is retried',
    error: new Unavailable('StoreUnavailable', 'no'),
    verdict: { kind: 'unavailable', type: 'StoreUnavailable', retry: true },
  },
  {
    name: 'an unavailable world is retried after the wait it asked for',
    error: new Unavailable('StoreUnavailable', 'no', { afterMs: 1500 }),
    verdict: {
      kind: 'unavailable',
      type: 'StoreUnavailable',
      retry: true,
      afterMs: 1500,
    },
  },
  {
    name: 'anything else is our bug',
    error: new TypeError('x is undefined'),
    verdict: { kind: 'bug', type: 'Bug', retry: true },
  },
  {
    name: 'a thrown text is our bug too',
    error: 'oops',
    verdict: { kind: 'bug', type: 'Bug', retry: true },
  },
] as const;

for (const { name, error, verdict } of rows) {
  test(name, () => assert.deepEqual(classifyError(error), verdict));
}

test('a message is cut to 500 characters unless another limit is given', () => {
  assert.equal(messageOf(new Error('short')), 'short');
  assert.equal(messageOf(new Error('x'.repeat(500))).length, 500);
  assert.equal(messageOf(new Error('x'.repeat(501))).length, 500);
  assert.equal(messageOf('x'.repeat(501), 20).length, 20);
});

test('an error without a message shows its name', () => {
  assert.equal(messageOf(new RangeError()), 'RangeError');
});
