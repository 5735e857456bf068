import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker, CircuitBreakers } from '../../../activities/weather/circuit-breaker.ts';
import type { FailureClass, ProviderFailure } from '../../../domain/weather/provider-failure.ts';

const failure = (kind: FailureClass): ProviderFailure => ({ class: kind, code: 'c', reason: 'the reason' });

/** After how many ms a run stops if all its calls fail alike, ten of them a second; undefined: never. */
const stops: readonly (readonly [FailureClass, number | undefined])[] = [
  ['quota', 0],
  ['configuration', 0],
  ['throttled', 300_000],
  ['transient', 90_000],
  ['place', undefined],
];
for (const [kind, after] of stops)
  test(`a run with nothing but ${kind} ${after === undefined ? 'never stops' : `stops after ${after} ms`}`, () => {
    let now = 5_000;
    const gate = new CircuitBreaker(() => now);
    for (let ms = 0; ms <= 400_000; ms += 100) {
      now = 5_000 + ms;
      gate.recordFailure(failure(kind));
      assert.equal(gate.stopped !== undefined, after !== undefined && (after === 0 || ms > after), `${ms}`);
    }
    if (after !== undefined && after > 0)
      assert.equal(
        gate.stopped?.reason,
        `no call succeeded for ${after / 1_000} s; the last failure: the reason`,
      );
  });

for (const [what, answer] of [
  ['a success', (gate: CircuitBreaker) => gate.recordSuccess()],
  ['a rejected place', (gate: CircuitBreaker) => gate.recordFailure(failure('place'))],
] as const)
  test(`${what} in between lets a throttled run continue`, () => {
    let now = 0;
    const gate = new CircuitBreaker(() => now);
    for (let count = 1; count <= 1_000; count++) {
      now += 1_000;
      gate.recordFailure(failure('throttled'));
      if (count % 250 === 0) answer(gate);
    }
    assert.deepEqual([gate.stopped, gate.throttledCalls], [undefined, 0]);
  });

test('does not stop a run with fewer than twenty throttled calls, however long they take', () => {
  let now = 0;
  const gate = new CircuitBreaker(() => now);
  for (let count = 1; count <= 20; count++) {
    assert.equal(gate.stopped, undefined, `${count}`);
    now += 60_000;
    gate.recordFailure(failure('throttled'));
  }
  assert.equal(gate.stopped?.class, 'throttled');
});

for (const [minutes, reason] of [
  [10, undefined],
  [11, 'the reason, and asks for a pause of 11 minutes'],
] as const)
  test(`a throttled call that asks for ${minutes} minutes ${reason === undefined ? 'pauses' : 'stops'} the run`, () => {
    const gate = new CircuitBreaker(() => 0);
    gate.recordFailure({ ...failure('throttled'), afterMs: minutes * 60_000 });
    assert.deepEqual([gate.isOpen, gate.stopped?.reason], [true, reason]);
  });

test('continues a run after a success in between, and reports the first failure that stops it', () => {
  let now = 0;
  const gate = new CircuitBreaker(() => now);
  for (let count = 0; count < 500; count++) {
    now += 1_000;
    gate.recordFailure(failure('transient'));
    if (count % 80 === 79) gate.recordSuccess();
  }
  assert.deepEqual([gate.stopped], [undefined]);
  gate.recordFailure(failure('quota'));
  gate.recordFailure(failure('configuration'));
  assert.equal(gate.stopped?.class, 'quota');
});

test('pauses all calls as long as a throttled call asks, and longer and longer during an outage', () => {
  let now = 0;
  const gate = new CircuitBreaker(() => now);
  gate.recordFailure({ ...failure('throttled'), afterMs: 15_000 });
  now = 14_999;
  assert.equal(gate.isOpen, true);
  now = 15_000;
  assert.deepEqual([gate.isFailing, gate.isOpen], [true, false]);
  gate.recordSuccess();
  for (let count = 0; count < 9; count++) gate.recordFailure(failure('transient'));
  assert.deepEqual([gate.isFailing, gate.isOpen], [false, false]);
  gate.recordFailure(failure('transient'));
  assert.deepEqual([gate.isFailing, gate.isOpen], [true, true]);
  now += 1_000;
  assert.equal(gate.isOpen, false);
  now += 20_000;
  gate.recordFailure(failure('transient'));
  now += 9_000;
  assert.equal(gate.isOpen, true);
  gate.recordSuccess();
  assert.equal(gate.isFailing, false);
});

test('makes the first call alone and once, whatever its result is', async () => {
  const gate = new CircuitBreaker();
  const order: string[] = [];
  let answer = (_error: Error): void => {};
  const first = gate.probeFirst(() => {
    order.push('first call');
    return new Promise((_, reject) => {
      answer = reject;
    });
  });
  const others = [1, 2].map(async (number) => {
    await gate.probeFirst(async () => void order.push('a second first call'));
    order.push(`batch ${number} goes on`);
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, ['first call']);
  answer(new Error('of the first'));
  await assert.rejects(first, /of the first/);
  await Promise.all(others);
  assert.deepEqual(order, ['first call', 'batch 1 goes on', 'batch 2 goes on']);
});

test('shares one circuit breaker among the batches of a run, and forgets old runs', () => {
  const gates = new CircuitBreakers();
  const one = gates.of('one');
  assert.equal(gates.of('one'), one);
  assert.notEqual(gates.of('other'), one);
  for (let run = 0; run < 40; run++) gates.of(`later ${run}`);
  assert.notEqual(gates.of('one'), one);
});
