import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyError, InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';

/** The error of V8 for a buffer that is larger than the address space. */
function allocationError(): unknown {
  try {
    return new ArrayBuffer(Number.MAX_SAFE_INTEGER);
  } catch (error) {
    return error;
  }
}

const rows = [
  {
    name: 'classifies wrong input as never retryable',
    error: new InvalidInput('NotAZip', 'no'),
    verdict: { kind: 'input', type: 'NotAZip', retry: false },
  },
  {
    name: 'classifies Unavailable as retryable',
    error: new Unavailable('StoreUnavailable', 'no'),
    verdict: { kind: 'unavailable', type: 'StoreUnavailable', retry: true },
  },
  {
    name: 'classifies Unavailable as retryable after the delay that it asks for',
    error: new Unavailable('StoreUnavailable', 'no', { afterMs: 1500 }),
    verdict: {
      kind: 'unavailable',
      type: 'StoreUnavailable',
      retry: true,
      afterMs: 1500,
    },
  },
  {
    name: 'classifies too little memory for a buffer as retryable',
    error: allocationError(),
    verdict: { kind: 'unavailable', type: 'NoMemory', retry: true },
  },
  {
    name: 'classifies any other error as a bug',
    error: new TypeError('x is undefined'),
    verdict: { kind: 'bug', type: 'Bug', retry: true },
  },
  {
    name: 'classifies a thrown string as a bug',
    error: 'oops',
    verdict: { kind: 'bug', type: 'Bug', retry: true },
  },
] as const;

for (const { name, error, verdict } of rows) {
  test(name, () => assert.deepEqual(classifyError(error), verdict));
}

test('shortens a message to 500 characters by default', () => {
  assert.equal(messageOf(new Error('short')), 'short');
  assert.equal(messageOf(new Error('x'.repeat(500))).length, 500);
  assert.equal(messageOf(new Error('x'.repeat(501))).length, 500);
  assert.equal(messageOf('x'.repeat(501), 20).length, 20);
});

test('shows the name of an error without a message', () => {
  assert.equal(messageOf(new RangeError()), 'RangeError');
});
