import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParkingCapacity } from '../../../gateway/temporal/park-request.ts';

/** A capacity of 20 requests. The test sets the number of parked requests in Temporal. */
function capacityOf20(parked: number) {
  const state = { parked, counts: 0, fails: false };
  const capacity = createParkingCapacity(20, async () => {
    state.counts += 1;
    if (state.fails) throw new Error('Temporal is down');
    return state.parked;
  });
  return { state, capacity };
}

test('the last tenth of the limit is for dead letters', async () => {
  for (const [parked, others, deadLetters] of [
    [17, true, true],
    [18, false, true],
    [19, false, true],
    [20, false, false],
  ] as const) {
    const { capacity } = capacityOf20(parked);
    assert.equal(await capacity.canPark(false), others, `${parked} parked requests`);
    assert.equal(await capacity.canPark(true), deadLetters, `${parked} parked requests`);
  }
});

test('a count is used for ten seconds, and the requests that are parked meanwhile are added', async (t) => {
  let now = 5_000;
  t.mock.method(performance, 'now', () => now);
  const { state, capacity } = capacityOf20(17);
  assert.equal(await capacity.canPark(false), true);
  capacity.addParked();
  now += 10_000;
  assert.equal(await capacity.canPark(false), false);
  assert.equal(state.counts, 1);
  now += 1;
  assert.equal(await capacity.canPark(false), true);
  assert.equal(state.counts, 2);
});

test('after a count that failed, the next request counts again', async () => {
  const { state, capacity } = capacityOf20(17);
  state.fails = true;
  await assert.rejects(capacity.canPark(false), /Temporal is down/);
  state.fails = false;
  assert.equal(await capacity.canPark(false), true);
});
