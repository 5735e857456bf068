import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorkGate, type Place } from '../../../gateway/overload/work-gate.ts';

const soon = (): number => Date.now() + 20;
const later = (): number => Date.now() + 60_000;

test('as many as there are places go on at once, the next waits until one leaves', async () => {
  const gate = createWorkGate({ places: 2, bytes: 100, waiting: 10 });
  const first = await gate.enter(1, later());
  await gate.enter(1, later());
  let third: Place | undefined;
  const waiting = gate.enter(1, later()).then((place) => {
    third = place;
  });
  assert.equal(gate.pending, 3);
  assert.equal(third, undefined);
  first?.leave();
  await waiting;
  assert.ok(third);
  assert.equal(gate.pending, 2);
});

test('a place that is left twice is given back once', async () => {
  const gate = createWorkGate({ places: 1, bytes: 100, waiting: 10 });
  const first = await gate.enter(1, later());
  first?.leave();
  first?.leave();
  await gate.enter(1, later());
  assert.equal(await gate.enter(1, soon()), undefined);
});

test('bodies go on while they fit together, and one that never fits goes alone', async () => {
  const gate = createWorkGate({ places: 10, bytes: 100, waiting: 10 });
  const large = await gate.enter(1_000, later());
  assert.ok(large);
  assert.equal(await gate.enter(1, soon()), undefined);
  large.leave();
  assert.ok(await gate.enter(60, later()));
  assert.ok(await gate.enter(40, later()));
  assert.equal(await gate.enter(1, soon()), undefined);
});

test('first come is first served: a small one does not overtake a large one for ever', async () => {
  const gate = createWorkGate({ places: 10, bytes: 100, waiting: 10 });
  const first = await gate.enter(90, later());
  const order: string[] = [];
  const large = gate.enter(50, later()).then((place) => {
    order.push('large');
    place?.leave();
  });
  const small = gate.enter(1, later()).then(() => order.push('small'));
  first?.leave();
  await Promise.all([large, small]);
  assert.deepEqual(order, ['large', 'small']);
});

test('too many that wait are refused at once, and who waited too long is refused then', async () => {
  const gate = createWorkGate({ places: 1, bytes: 100, waiting: 1 });
  await gate.enter(1, later());
  const waiting = gate.enter(1, Date.now() + 100);
  assert.equal(await gate.enter(1, later()), undefined);
  assert.equal(await waiting, undefined);
  assert.equal(gate.pending, 1);
});
