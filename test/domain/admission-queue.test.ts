import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdmissionLimits, AdmissionQueue, type Slot } from '../../domain/admission-queue.ts';
import { Unavailable } from '../../domain/errors.ts';

/** Lets all pending work continue. */
const runPendingWork = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBusy = (error: unknown): boolean =>
  error instanceof Unavailable && error.type === 'Busy' && error.afterMs === 1_000;

/** A queue, and the slot of each caller, by number. */
function testQueue(limits: AdmissionLimits) {
  const queue = new AdmissionQueue(limits);
  const slots = new Map<number, Slot>();
  let entered = 0;
  return {
    queue,
    enter(weight = 0, signal?: AbortSignal): Promise<void> {
      const number = entered++;
      const now = queue.tryEnter(weight);
      if (now !== undefined) {
        slots.set(number, now);
        return Promise.resolve();
      }
      return queue.wait(weight, signal).then((slot) => void slots.set(number, slot));
    },
    /** The numbers of the callers that are admitted so far. */
    async admitted(): Promise<number[]> {
      await runPendingWork();
      return [...slots.keys()];
    },
    release: (number: number): void => slots.get(number)?.release(),
  };
}

const rows: readonly {
  readonly name: string;
  readonly parallel: AdmissionLimits['parallel'];
  /** The weights of the callers, in their order. */
  readonly weights: readonly number[];
  /** The callers that are admitted at once. */
  readonly atOnce: readonly number[];
}[] = [
  { name: 'admits work for the last slot', parallel: { slots: 2 }, weights: [0, 0], atOnce: [0, 1] },
  {
    name: 'admits no more work than there are slots',
    parallel: { slots: 2 },
    weights: [0, 0, 0],
    atOnce: [0, 1],
  },
  { name: 'admits work up to the full weight', parallel: { weight: 10 }, weights: [6, 4], atOnce: [0, 1] },
  {
    name: 'makes work wait that would exceed the weight by one unit',
    parallel: { weight: 10 },
    weights: [6, 5],
    atOnce: [0],
  },
  {
    name: 'admits work of weight 0 while the whole weight is in use',
    parallel: { weight: 10 },
    weights: [10, 0],
    atOnce: [0, 1],
  },
  {
    name: 'admits work that is heavier than the whole weight if no other work runs',
    parallel: { weight: 10 },
    weights: [11, 0],
    atOnce: [0],
  },
  {
    name: 'makes work that is heavier than the whole weight wait until no other work runs',
    parallel: { weight: 10 },
    weights: [1, 11],
    atOnce: [0],
  },
  {
    name: 'makes light work wait behind heavy work that came first',
    parallel: { weight: 10 },
    weights: [6, 5, 1],
    atOnce: [0],
  },
  {
    name: 'limits the slots even if weight is left',
    parallel: { slots: 1, weight: 10 },
    weights: [1, 1],
    atOnce: [0],
  },
  { name: 'admits everything without limits', parallel: {}, weights: [1e9, 1e9], atOnce: [0, 1] },
];
for (const { name, parallel, weights, atOnce } of rows) {
  test(`${name}, and admits all in order`, async () => {
    const { queue, enter, admitted, release } = testQueue({ parallel });
    const all = weights.map((weight) => enter(weight));
    assert.deepEqual(await admitted(), atOnce);
    assert.equal(queue.pending, weights.length);
    for (const number of weights.keys()) {
      assert.ok((await admitted()).includes(number), `${number} is admitted`);
      release(number);
    }
    await Promise.all(all);
    assert.equal(queue.pending, 0);
  });
}

const waitingRows: readonly {
  readonly name: string;
  readonly waiting: AdmissionLimits['waiting'];
  readonly weights: readonly number[];
  readonly next: number;
  readonly refused: boolean;
}[] = [
  { name: 'work for the last waiting slot', waiting: { slots: 2 }, weights: [1], next: 1, refused: false },
  {
    name: 'work, while all waiting slots are in use',
    waiting: { slots: 2 },
    weights: [1, 1],
    next: 1,
    refused: true,
  },
  { name: 'work, if there are no waiting slots', waiting: { slots: 0 }, weights: [], next: 1, refused: true },
  {
    name: 'work that exactly uses up the waiting weight',
    waiting: { weight: 5 },
    weights: [3],
    next: 2,
    refused: false,
  },
  {
    name: 'work that would exceed the waiting weight by one unit',
    waiting: { weight: 5 },
    weights: [3],
    next: 3,
    refused: true,
  },
  {
    name: 'work that is heavier than the whole waiting weight, if no other work waits',
    waiting: { weight: 5 },
    weights: [],
    next: 6,
    refused: false,
  },
  { name: 'work, if there is no limit', waiting: {}, weights: [9, 9, 9], next: 9, refused: false },
];
for (const { name, waiting = {}, weights, next, refused } of waitingRows) {
  test(`${refused ? 'rejects at once as Busy' : 'makes wait'}: ${name}`, async () => {
    const { queue, enter, admitted, release } = testQueue({ parallel: { slots: 1 }, waiting });
    const before = [enter(), ...weights.map((weight) => enter(weight))];
    assert.equal(queue.isFull(next), refused);
    const last = enter(next);
    if (refused) await assert.rejects(last, isBusy);
    for (const number of before.keys()) {
      assert.ok((await admitted()).includes(number));
      release(number);
    }
    if (!refused) await last;
    release(before.length);
    assert.equal(queue.pending, 0);
  });
}

test('releases a slot only once', async () => {
  const { enter, admitted, release } = testQueue({ parallel: { slots: 1 } });
  const all = [enter(), enter(), enter()];
  release(0);
  release(0);
  assert.deepEqual(await admitted(), [0, 1]);
  release(1);
  release(2);
  await Promise.all(all);
});

test('removes an aborted caller from the queue, so that later callers are admitted', async () => {
  const { queue, enter, admitted, release } = testQueue({
    parallel: { weight: 10 },
    waiting: { weight: 60 },
  });
  await enter(5);
  const gone = new AbortController();
  const huge = enter(50, gone.signal);
  const small = enter(5);
  assert.deepEqual(await admitted(), [0]);
  const reason = new Error('gone');
  gone.abort(reason);
  await assert.rejects(huge, reason);
  await small;
  assert.deepEqual(await admitted(), [0, 2]);
  const next = enter(1);
  assert.ok(!queue.isFull(59), 'its weight does not count as waiting any more');
  assert.ok(queue.isFull(60));
  release(0);
  release(2);
  await next;
  release(3);
  assert.equal(queue.pending, 0);
  await assert.rejects(queue.wait(1, gone.signal), reason);
});

test('ignores a signal that aborts after admission', async () => {
  const { queue, enter, admitted, release } = testQueue({ parallel: { slots: 1 } });
  await enter();
  const late = new AbortController();
  const second = enter(0, late.signal);
  release(0);
  late.abort(new Error('late'));
  await second;
  assert.deepEqual(await admitted(), [0, 1]);
  assert.equal(queue.pending, 1);
});

test('runs work in a slot, returns its result or error, and releases the slot', async () => {
  const queue = new AdmissionQueue({ parallel: { slots: 1 } });
  const started: number[] = [];
  const run = (number: number) =>
    queue.run(async () => {
      started.push(number);
      await runPendingWork();
      if (number === 1) throw new Error('bad');
      return number;
    });
  const [first, second, third] = [run(0), run(1), run(2)];
  assert.deepEqual(started, [0]);
  assert.equal(await first, 0);
  await assert.rejects(second, /bad/);
  assert.equal(await third, 2);
  assert.equal(queue.pending, 0);
});
