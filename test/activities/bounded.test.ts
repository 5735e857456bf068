import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachBounded } from '../../activities/bounded.ts';

/** Work that ends when it is told to, item by item. */
function handWork() {
  const started: number[] = [];
  const ends = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  return {
    started,
    work(item: number): Promise<void> {
      started.push(item);
      return new Promise((resolve, reject) => ends.set(item, { resolve, reject }));
    },
    end: (item: number): void => ends.get(item)?.resolve(),
    fail: (item: number, error: Error): void => ends.get(item)?.reject(error),
  };
}

/** Lets everything that is ready to go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('work goes on for as many items at a time as allowed, in order, until all are done', async () => {
  const { started, work, end } = handWork();
  const all = forEachBounded([1, 2, 3, 4], 2, work);
  await settle();
  assert.deepEqual(started, [1, 2]);
  end(2);
  await settle();
  assert.deepEqual(started, [1, 2, 3]);
  end(1);
  end(3);
  await settle();
  assert.deepEqual(started, [1, 2, 3, 4]);
  end(4);
  await all;
});

test('nothing to do is done at once', async () => {
  await forEachBounded([], 4, () => assert.fail());
});

test('after an error nothing new starts, and what is under way is waited for', async () => {
  const { started, work, end, fail } = handWork();
  const error = new Error('second');
  let settled = false;
  const all = forEachBounded([1, 2, 3, 4], 2, work).finally(() => {
    settled = true;
  });
  all.catch(() => {});
  await settle();
  fail(2, error);
  await settle();
  assert.equal(settled, false, 'the first is still under way');
  end(1);
  await assert.rejects(all, error);
  assert.deepEqual(started, [1, 2]);
});

test('a source of items that throws ends the work with its error', async () => {
  function* items() {
    yield 1;
    throw new Error('no more');
  }
  await assert.rejects(
    forEachBounded(items(), 2, async () => {}),
    /no more/,
  );
});
