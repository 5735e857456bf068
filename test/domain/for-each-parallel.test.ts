import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachParallel } from '../../domain/for-each-parallel.ts';

/** Work whose items end on command. */
function manualWork() {
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

/** Lets all pending work continue. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('runs at most the allowed number of items concurrently, in order, until all are done', async () => {
  const { started, work, end } = manualWork();
  const all = forEachParallel([1, 2, 3, 4], 2, work);
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

test('resolves at once without items', async () => {
  await forEachParallel([], 4, () => assert.fail());
});

test('starts nothing after an error, and waits for work in flight', async () => {
  const { started, work, end, fail } = manualWork();
  const error = new Error('second');
  let settled = false;
  const all = forEachParallel([1, 2, 3, 4], 2, work).finally(() => {
    settled = true;
  });
  all.catch(() => {});
  await settle();
  fail(2, error);
  await settle();
  assert.equal(settled, false, 'the first is still in flight');
  end(1);
  await assert.rejects(all, error);
  assert.deepEqual(started, [1, 2]);
});

test('throws the error of the iterable', async () => {
  function* items() {
    yield 1;
    throw new Error('no more');
  }
  await assert.rejects(
    forEachParallel(items(), 2, async () => {}),
    /no more/,
  );
});

test('waits for the work in flight if the iterable fails, and takes no further item', async () => {
  const { started, work, end } = manualWork();
  let asked = 0;
  const items = {
    [Symbol.iterator]: () => ({
      next(): IteratorResult<number> {
        if (++asked === 2) throw new Error('no more');
        return { done: false, value: asked };
      },
    }),
  };
  let settled = false;
  const all = forEachParallel(items, 3, work).finally(() => {
    settled = true;
  });
  all.catch(() => {});
  await settle();
  assert.equal(settled, false, 'the first is still in flight');
  end(1);
  await assert.rejects(all, /no more/);
  assert.deepEqual({ started, asked }, { started: [1], asked: 2 });
});

test('asks the iterable no more than once after its last item', async () => {
  let asked = 0;
  const items = {
    [Symbol.iterator]: () => ({
      next(): IteratorResult<number> {
        return ++asked > 1 ? { done: true, value: undefined } : { done: false, value: 1 };
      },
    }),
  };
  await forEachParallel(items, 16, async () => {});
  assert.equal(asked, 2);
});
