import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunGate, RunGates } from '../../../activities/weather/run-gate.ts';
import type { Failure, FailureClass } from '../../../domain/weather/provider-failure.ts';

const failure = (kind: FailureClass): Failure => ({ class: kind, code: 'c', reason: 'the reason' });

/** When a run stops whose calls all fail alike, ten of them a second; undefined: never. */
const stops: readonly (readonly [FailureClass, number | undefined])[] = [
  ['quota', 0],
  ['configuration', 0],
  ['throttled', 300_000],
  ['transient', 90_000],
  ['place', undefined],
];
for (const [kind, after] of stops)
  test(`${kind} stops a run ${after === undefined ? 'never' : `after ${after} ms of nothing else`}`, () => {
    let now = 5_000;
    const gate = new RunGate(() => now);
    for (let ms = 0; ms <= 400_000; ms += 100) {
      now = 5_000 + ms;
      gate.failed(failure(kind));
      assert.equal(gate.stopped !== undefined, after !== undefined && (after === 0 || ms > after), `${ms}`);
    }
    if (after !== undefined && after > 0)
      assert.equal(
        gate.stopped?.reason,
        `nothing was answered for ${after / 1_000} s, the last time: the reason`,
      );
  });

for (const [what, answer] of [
  ['an answer', (gate: RunGate) => gate.succeeded()],
  ['a refused place', (gate: RunGate) => gate.failed(failure('place'))],
] as const)
  test(`${what} in between lets a run go on that is told it calls too often`, () => {
    let now = 0;
    const gate = new RunGate(() => now);
    for (let count = 1; count <= 1_000; count++) {
      now += 1_000;
      gate.failed(failure('throttled'));
      if (count % 250 === 0) answer(gate);
    }
    assert.deepEqual([gate.stopped, gate.complaints], [undefined, 0]);
  });

test('fewer than twenty complaints stop no run, however long they take', () => {
  let now = 0;
  const gate = new RunGate(() => now);
  for (let count = 1; count <= 20; count++) {
    assert.equal(gate.stopped, undefined, `${count}`);
    now += 60_000;
    gate.failed(failure('throttled'));
  }
  assert.equal(gate.stopped?.class, 'throttled');
});

for (const [minutes, reason] of [
  [10, undefined],
  [11, 'the reason, and asks for 11 minutes without a call'],
] as const)
  test(`a complaint that asks for ${minutes} minutes ${reason === undefined ? 'holds' : 'stops'} the run`, () => {
    const gate = new RunGate(() => 0);
    gate.failed({ ...failure('throttled'), afterMs: minutes * 60_000 });
    assert.deepEqual([gate.held, gate.stopped?.reason], [true, reason]);
  });

test('a call that is answered in between lets a run go on, and what stopped it first is said', () => {
  let now = 0;
  const gate = new RunGate(() => now);
  for (let count = 0; count < 500; count++) {
    now += 1_000;
    gate.failed(failure('transient'));
    if (count % 80 === 79) gate.succeeded();
  }
  assert.deepEqual([gate.stopped], [undefined]);
  gate.failed(failure('quota'));
  gate.failed(failure('configuration'));
  assert.equal(gate.stopped?.class, 'quota');
});

test('a complaint holds every call for as long as it says, an outage for ever longer', () => {
  let now = 0;
  const gate = new RunGate(() => now);
  gate.failed({ ...failure('throttled'), afterMs: 15_000 });
  now = 14_999;
  assert.equal(gate.held, true);
  now = 15_000;
  assert.deepEqual([gate.failing, gate.held], [true, false]);
  gate.succeeded();
  for (let count = 0; count < 9; count++) gate.failed(failure('transient'));
  assert.deepEqual([gate.failing, gate.held], [false, false]);
  gate.failed(failure('transient'));
  assert.deepEqual([gate.failing, gate.held], [true, true]);
  now += 1_000;
  assert.equal(gate.held, false);
  now += 20_000;
  gate.failed(failure('transient'));
  now += 9_000;
  assert.equal(gate.held, true);
  gate.succeeded();
  assert.equal(gate.failing, false);
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
