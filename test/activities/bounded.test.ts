import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../../activities/bounded.ts';

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
  };
}

/** Lets everything that is ready to go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a gate lets its places through at a time, the others in the order they came', async () => {
  const gate = new Gate(2);
  const { started, work, end } = handWork();
  const all = [1, 2, 3, 4].map((item) => gate.run(() => work(item)));
  await settle();
  assert.deepEqual(started, [1, 2]);
  end(1);
  await settle();
  assert.deepEqual(started, [1, 2, 3]);
  for (const item of [2, 3]) end(item);
  await settle();
  end(4);
  await Promise.all(all);
});

test('a gate hands on results and errors, and an error gives its place back', async () => {
  const gate = new Gate(1);
  assert.equal(await gate.run(async () => 7), 7);
  await assert.rejects(
    gate.run(async () => {
      throw new Error('bad');
    }),
    /bad/,
  );
  assert.equal(await gate.run(async () => 8), 8);
});
