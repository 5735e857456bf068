import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePacedCalls } from '../../../activities/weather/paced-calls.ts';

const { signal } = new AbortController();
const clock = Date.now;
const always = (): boolean => true;

test('makes each call at its start time: not before, and at most 15 ms later', async () => {
  // On a busy machine, timers are late and calls are missed. So the test goes on until one grant is used completely.
  for (let made: { index: number; at: number }[] = []; made.length < 12; ) {
    made = [];
    let now = 0;
    const readClock = (): number => {
      now = Date.now();
      return now;
    };
    const startAtMs = Date.now() + 30;
    // The call stores the clock value that the tested code has read last.
    const call = async (index: number): Promise<void> => void made.push({ index, at: now });
    const grant = { calls: 12, startAtMs, spacingMs: 7.5 };
    const missed = await makePacedCalls(grant, call, { clock: readClock, mayCall: always, signal });
    assert.deepEqual(
      [...missed, ...made.map(({ index }) => index)].toSorted((a, b) => a - b),
      Array.from({ length: 12 }, (_, index) => index),
    );
    for (const { index, at } of made) {
      const late = at - (startAtMs + index * 7.5);
      // Timers and the clock of Node.js count whole milliseconds.
      assert.ok(late > -2.5 && late <= 15, `call ${index} was ${late} ms late`);
    }
  }
});

/** A clock that stands at one instant. */
const lateBy = (ms: number) => ({ clock: () => ms, mayCall: always, signal });

test('makes a call that is 15 ms late, and misses a call that is 16 ms late', async () => {
  const made: number[] = [];
  const call = async (index: number): Promise<void> => void made.push(index);
  const grant = { calls: 1, startAtMs: 0, spacingMs: 1 };
  assert.deepEqual(await makePacedCalls(grant, call, lateBy(15)), []);
  assert.deepEqual(await makePacedCalls(grant, call, lateBy(16)), [0]);
  assert.deepEqual(made, [0]);
});

test('skips calls whose start time has passed, and returns their indexes', async () => {
  const made: number[] = [];
  const call = async (index: number): Promise<void> => void made.push(index);
  const grant = { calls: 6, startAtMs: Date.now() - 250, spacingMs: 100 };
  const missed = await makePacedCalls(grant, call, { clock, mayCall: always, signal });
  assert.deepEqual(missed.slice(0, 3), [0, 1, 2]);
  assert.deepEqual([...missed, ...made].toSorted(), [0, 1, 2, 3, 4, 5]);
});

test('returns the remaining indexes when no more calls are allowed, and waits for calls in flight', async () => {
  const made: number[] = [];
  let ended = 0;
  const call = async (index: number): Promise<void> => {
    made.push(index);
    await sleep(30);
    ended++;
  };
  const grant = { calls: 8, startAtMs: 0, spacingMs: 0 };
  const missed = await makePacedCalls(grant, call, { ...lateBy(0), mayCall: () => made.length < 3 });
  assert.equal(made.length, 3);
  assert.equal(ended, 3);
  assert.equal(missed.length, 5);
});

test('has at most 64 calls in flight, and returns the indexes of the calls that it did not make', async () => {
  let inFlight = 0;
  let most = 0;
  const call = async (): Promise<void> => {
    most = Math.max(most, ++inFlight);
    await sleep(300);
    inFlight--;
  };
  const grant = { calls: 80, startAtMs: 0, spacingMs: 0 };
  const missed = await makePacedCalls(grant, call, lateBy(0));
  assert.equal(most, 64);
  assert.equal(missed.length, 16);
});

test('rethrows the error of a call, and stops waiting when the signal aborts', async () => {
  const grant = { calls: 3, startAtMs: 0, spacingMs: 0 };
  const failing = async (): Promise<void> => {
    throw new Error('of mine');
  };
  await assert.rejects(makePacedCalls(grant, failing, lateBy(0)), /of mine/);
  const later = { calls: 1, startAtMs: Date.now() + 60_000, spacingMs: 1 };
  const aborted = AbortSignal.timeout(20);
  await assert.rejects(makePacedCalls(later, failing, { clock, mayCall: always, signal: aborted }), {
    name: 'AbortError',
  });
});
