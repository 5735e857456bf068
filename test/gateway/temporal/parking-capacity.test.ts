import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParkingCapacity } from '../../../gateway/temporal/park-request.ts';

/** A capacity of 20 requests. The test sets the number of parked requests in Temporal, and the clock. */
function capacityOf20(parked: number) {
  const state = { parked, counts: 0, fails: false, now: 5_000 };
  const count = async () => {
    state.counts += 1;
    if (state.fails) throw new Error('Temporal is down');
    return state.parked;
  };
  return { state, capacity: createParkingCapacity(20, count, () => state.now) };
}

const deadLetter = { isDeadLetter: true, senders: ['broker'] };
const anonymous = { isDeadLetter: false, senders: [] };
const of = (...senders: string[]) => ({ isDeadLetter: false, senders });

const FULL = 'the limit of parked requests is reached';

test('the last tenth of the limit is for dead letters', async () => {
  for (const [parked, others, deadLetters] of [
    [17, undefined, undefined],
    [18, FULL, undefined],
    [19, FULL, undefined],
    [20, FULL, FULL],
  ] as const) {
    const { capacity } = capacityOf20(parked);
    assert.equal(await capacity.whyFull(anonymous), others, `${parked} parked requests`);
    assert.equal(await capacity.whyFull(deadLetter), deadLetters, `${parked} parked requests`);
  }
});

test('a count is used for ten seconds, and the requests that are parked meanwhile are added', async () => {
  const { state, capacity } = capacityOf20(17);
  assert.equal(await capacity.whyFull(anonymous), undefined);
  capacity.addParked([]);
  state.now += 10_000;
  assert.equal(await capacity.whyFull(anonymous), FULL);
  assert.equal(state.counts, 1);
  state.now += 1;
  assert.equal(await capacity.whyFull(anonymous), undefined);
  assert.equal(state.counts, 2);
});

test('after a count that failed, the next request counts again', async () => {
  const { state, capacity } = capacityOf20(17);
  state.fails = true;
  await assert.rejects(capacity.whyFull(anonymous), /Temporal is down/);
  state.fails = false;
  assert.equal(await capacity.whyFull(anonymous), undefined);
});

test('one sender uses at most a quarter of the limit in 24 hours, and others still can park', async () => {
  const { state, capacity } = capacityOf20(0);
  const shopIsFull = '5 requests of the sender shop were parked within 24 hours';
  for (let parked = 0; parked < 5; parked++) {
    assert.equal(await capacity.whyFull(of('shop')), undefined, `${parked} parked requests`);
    capacity.addParked(['shop']);
  }
  assert.equal(await capacity.whyFull(of('shop')), shopIsFull);
  assert.equal(await capacity.whyFull(of('bank', 'shop')), shopIsFull);
  assert.equal(await capacity.whyFull(of('bank')), undefined);
  assert.equal(await capacity.whyFull(anonymous), undefined);
  assert.equal(await capacity.whyFull({ isDeadLetter: true, senders: ['shop'] }), undefined);
  state.now += 24 * 60 * 60_000 - 1;
  assert.equal(await capacity.whyFull(of('shop')), shopIsFull);
  state.now += 1;
  assert.equal(await capacity.whyFull(of('shop')), undefined);
});
