import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared.js';
import { removePromiseHook } from '../../worker/promise-hook.ts';

/** Creates a promise, and counts how often its constructor is read. The hook of the SDK reads it. */
function countReads(): number {
  let reads = 0;
  class Observed extends Promise<void> {}
  Object.defineProperty(Observed.prototype, 'constructor', {
    get() {
      reads++;
      return Promise;
    },
  });
  void new Observed((resolve) => resolve());
  return reads;
}

test('after removePromiseHook, the SDK no longer looks at every new promise', () => {
  globalHandlers.install();
  assert.ok(countReads() > 0);
  removePromiseHook();
  assert.equal(countReads(), 0);
});
