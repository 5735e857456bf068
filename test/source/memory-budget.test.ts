import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBudget } from '../../source/memory-budget.ts';

const never = new AbortController().signal;

/** Whether each has been given its bytes by now. */
async function settled(...taken: (Promise<void> | undefined)[]): Promise<boolean[]> {
  const done = taken.map((one) => one === undefined);
  for (const [index, one] of taken.entries())
    one?.then(
      () => {
        done[index] = true;
      },
      () => undefined,
    );
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test('bytes are given at once while there are any, and then in the order in which they were asked for', async () => {
  const budget = new MemoryBudget(10);
  const [first, second, third, fourth] = [6, 4, 5, 1].map((bytes) => budget.take(bytes, never));
  assert.deepEqual(await settled(first, second, third, fourth), [true, true, false, false]);
  budget.give(4);
  // The fourth would fit, and waits for who came before it.
  assert.deepEqual(await settled(third, fourth), [false, false]);
  budget.give(6);
  assert.deepEqual(await settled(third, fourth), [true, true]);
});

test('who needs more than there are at all gets them when nobody else has any', async () => {
  const budget = new MemoryBudget(10);
  const [small, huge, next] = [3, 50, 1].map((bytes) => budget.take(bytes, never));
  assert.deepEqual(await settled(small, huge, next), [true, false, false]);
  budget.give(3);
  assert.deepEqual(await settled(huge, next), [true, false]);
  budget.give(50);
  assert.deepEqual(await settled(next), [true]);
});

test('who does not wait any longer lets others pass, and has taken nothing', async () => {
  const budget = new MemoryBudget(10);
  assert.equal(budget.take(5, never), undefined);
  const stopped = new AbortController();
  const huge = budget.take(50, stopped.signal);
  const small = budget.take(5, never);
  assert.deepEqual(await settled(huge, small), [false, false]);
  const reason = new Error('stopped');
  stopped.abort(reason);
  await assert.rejects(async () => huge, reason);
  assert.deepEqual(await settled(small), [true]);
  budget.give(5);
  budget.give(5);
  assert.equal(budget.take(10, never), undefined);
  await assert.rejects(async () => budget.take(1, stopped.signal), reason);
});
