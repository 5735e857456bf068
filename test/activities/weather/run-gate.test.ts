import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunGate, RunGates } from '../../../activities/weather/run-gate.ts';
import type { Failure, FailureClass } from '../../../domain/weather/provider-failure.ts';

const failure = (kind: FailureClass): Failure => ({ class: kind, code: 'c', reason: 'the reason' });

/** After how many failures of a class in a row the run stops; undefined: never. */
const stops: readonly (readonly [FailureClass, number | undefined])[] = [
  ['quota', 1],
  ['configuration', 1],
  ['throttled', 100],
  ['transient', 100],
  ['place', undefined],
];
for (const [kind, after] of stops)
  test(`${kind} stops a run ${after === undefined ? 'never' : `after ${after} in a row`}`, () => {
    const gate = new RunGate();
    for (let count = 1; count <= 300; count++) {
      gate.failed(failure(kind));
      assert.equal(gate.stopped !== undefined, after !== undefined && count >= after, `${count}`);
    }
    if (after === 100)
      assert.equal(gate.stopped?.reason, '100 calls in a row gave nothing, the last one: the reason');
  });

test('a call that is answered in between lets a run go on, and what stopped it first is said', () => {
  const gate = new RunGate();
  for (let count = 0; count < 500; count++) {
    gate.failed(failure('transient'));
    if (count % 99 === 98) gate.succeeded();
  }
  assert.deepEqual([gate.stopped], [undefined]);
  gate.failed(failure('quota'));
  gate.failed(failure('configuration'));
  assert.equal(gate.stopped?.class, 'quota');
});

test('the first call is made alone, whatever becomes of it, and is made once', async () => {
  const gate = new RunGate();
  const order: string[] = [];
  let answer = (_error: Error): void => {};
  const first = gate.proven(() => {
    order.push('first call');
    return new Promise((_, reject) => {
      answer = reject;
    });
  });
  const others = [1, 2].map(async (number) => {
    await gate.proven(async () => void order.push('a second first call'));
    order.push(`batch ${number} goes on`);
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, ['first call']);
  answer(new Error('of the first'));
  await assert.rejects(first, /of the first/);
  await Promise.all(others);
  assert.deepEqual(order, ['first call', 'batch 1 goes on', 'batch 2 goes on']);
});

test('the batches of a run share a gate, and old runs are forgotten', () => {
  const gates = new RunGates();
  const one = gates.of('one');
  assert.equal(gates.of('one'), one);
  assert.notEqual(gates.of('other'), one);
  for (let run = 0; run < 40; run++) gates.of(`later ${run}`);
  assert.notEqual(gates.of('one'), one);
});
