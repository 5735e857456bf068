import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker, CircuitBreakers } from '../../../activities/weather/circuit-breaker.ts';
import type { FailureClass, ProviderFailure } from '../../../domain/weather/provider-failure.ts';

const failure = (kind: FailureClass): ProviderFailure => ({ class: kind, code: 'c', reason: 'the reason' });

/** After how many ms a run with ten calls per second stops if all calls fail with this class; undefined: never. */
const stops: readonly (readonly [FailureClass, number | undefined])[] = [
  ['quota', 0],
  ['configuration', 0],
  ['throttled', 300_000],
  ['transient', 90_000],
  ['place', undefined],
];
for (const [kind, after] of stops)
  test(`a run in which every call fails with the class ${kind} ${after === undefined ? 'never stops' : `stops after ${after} ms`}`, () => {
    let now = 5_000;
    const breaker = new CircuitBreaker(() => now);
    for (let ms = 0; ms <= 400_000; ms += 100) {
      now = 5_000 + ms;
      breaker.recordFailure(failure(kind));
      assert.equal(
        breaker.stopped !== undefined,
        after !== undefined && (after === 0 || ms > after),
        `${ms}`,
      );
    }
    if (after !== undefined && after > 0)
      assert.equal(
        breaker.stopped?.reason,
        `no call succeeded for ${after / 1_000} s; the last failure: the reason`,
      );
  });

for (const [answerName, answer] of [
  ['a success', (breaker: CircuitBreaker) => breaker.recordSuccess()],
  ['a rejected place', (breaker: CircuitBreaker) => breaker.recordFailure(failure('place'))],
] as const)
  test(`${answerName} between throttled calls lets a run continue`, () => {
    let now = 0;
    const breaker = new CircuitBreaker(() => now);
    for (let count = 1; count <= 1_000; count++) {
      now += 1_000;
      breaker.recordFailure(failure('throttled'));
      if (count % 250 === 0) answer(breaker);
    }
    assert.deepEqual([breaker.stopped, breaker.throttledCalls], [undefined, 0]);
  });

test('does not stop a run with fewer than twenty throttled calls, however long they take', () => {
  let now = 0;
  const breaker = new CircuitBreaker(() => now);
  for (let count = 1; count <= 20; count++) {
    assert.equal(breaker.stopped, undefined, `${count}`);
    now += 60_000;
    breaker.recordFailure(failure('throttled'));
  }
  assert.equal(breaker.stopped?.class, 'throttled');
});

for (const [minutes, reason] of [
  [10, undefined],
  [11, 'the reason, and asks for a pause of 11 minutes'],
] as const)
  test(`a throttled call that asks for a pause of ${minutes} minutes ${reason === undefined ? 'pauses' : 'stops'} the run`, () => {
    const breaker = new CircuitBreaker(() => 0);
    breaker.recordFailure({ ...failure('throttled'), afterMs: minutes * 60_000 });
    assert.deepEqual([breaker.isOpen, breaker.stopped?.reason], [true, reason]);
  });

test('does not stop a run whose calls sometimes succeed, and reports the first failure that stops the run', () => {
  let now = 0;
  const breaker = new CircuitBreaker(() => now);
  for (let count = 0; count < 500; count++) {
    now += 1_000;
    breaker.recordFailure(failure('transient'));
    if (count % 80 === 79) breaker.recordSuccess();
  }
  assert.deepEqual([breaker.stopped], [undefined]);
  breaker.recordFailure(failure('quota'));
  breaker.recordFailure(failure('configuration'));
  assert.equal(breaker.stopped?.class, 'quota');
});

test('pauses all calls for as long as a throttled call asks, and with growing pauses during an outage', () => {
  let now = 0;
  const breaker = new CircuitBreaker(() => now);
  breaker.recordFailure({ ...failure('throttled'), afterMs: 15_000 });
  now = 14_999;
  assert.equal(breaker.isOpen, true);
  now = 15_000;
  assert.deepEqual([breaker.isFailing, breaker.isOpen], [true, false]);
  breaker.recordSuccess();
  for (let count = 0; count < 9; count++) breaker.recordFailure(failure('transient'));
  assert.deepEqual([breaker.isFailing, breaker.isOpen], [false, false]);
  breaker.recordFailure(failure('transient'));
  assert.deepEqual([breaker.isFailing, breaker.isOpen], [true, true]);
  now += 1_000;
  assert.equal(breaker.isOpen, false);
  now += 20_000;
  breaker.recordFailure(failure('transient'));
  now += 9_000;
  assert.equal(breaker.isOpen, true);
  breaker.recordSuccess();
  assert.equal(breaker.isFailing, false);
});

test('makes no other call before the result of the first call, and does not repeat the first call if it fails', async () => {
  const breaker = new CircuitBreaker();
  const order: string[] = [];
  let answer = (_error: Error): void => {};
  const first = breaker.probeFirst(() => {
    order.push('first call');
    return new Promise((_, reject) => {
      answer = reject;
    });
  });
  const others = [1, 2].map(async (number) => {
    await breaker.probeFirst(async () => void order.push('a second first call'));
    order.push(`batch ${number} goes on`);
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, ['first call']);
  answer(new Error('of the first'));
  await assert.rejects(first, /of the first/);
  await Promise.all(others);
  assert.deepEqual(order, ['first call', 'batch 1 goes on', 'batch 2 goes on']);
});

test('gives all batches of a run the same circuit breaker, and forgets old runs', () => {
  const breakers = new CircuitBreakers();
  const one = breakers.of('one');
  assert.equal(breakers.of('one'), one);
  assert.notEqual(breakers.of('other'), one);
  for (let run = 0; run < 40; run++) breakers.of(`later ${run}`);
  assert.notEqual(breakers.of('one'), one);
});
