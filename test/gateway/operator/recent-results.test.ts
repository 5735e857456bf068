import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecentResults } from '../../../gateway/operator/recent-results.ts';

const event = (id: string, source = '/s') => ({ source, id, type: 't' });

test('remembers the latest eight results of an event, oldest first', () => {
  let second = 0;
  const recent = createRecentResults(() => new Date(second++ * 1_000));
  assert.equal(recent.since, '1970-01-01T00:00:00.000Z');
  for (let n = 0; n < 9; n++) recent.add({ event: event('a'), outcome: 'expired', reason: `r${n}` });
  assert.deepEqual(
    recent.of(event('a')).map(({ reason }) => reason),
    ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8'],
  );
  assert.deepEqual(recent.of(event('a'))[0], {
    time: '1970-01-01T00:00:02.000Z',
    outcome: 'expired',
    reason: 'r1',
  });
  assert.deepEqual(recent.of(event('a', '/t')), []);
});

test('remembers the route, the workflow id and at most 300 characters of the reason', () => {
  const recent = createRecentResults(() => new Date(0));
  const more = { route: 'r', workflowId: 'w', reason: 'x'.repeat(301) };
  recent.add({ event: event('a'), outcome: 'duplicate', ...more, isBytes: true });
  assert.deepEqual(recent.of(event('a')), [
    { time: '1970-01-01T00:00:00.000Z', outcome: 'duplicate', ...more, reason: 'x'.repeat(300) },
  ]);
});

for (const [outcome, max] of [
  ['started', 500],
  ['unmatched', 200],
] as const)
  test(`forgets the event whose latest result is the oldest when more than ${max} events are ${outcome}`, () => {
    const recent = createRecentResults();
    for (let n = 0; n < max; n++) recent.add({ event: event(`${n}`), outcome });
    recent.add({ event: event('0'), outcome });
    recent.add({ event: event('new'), outcome });
    const counts = ['0', '1', '2', 'new'].map((id) => recent.of(event(id)).length);
    assert.deepEqual(counts, [2, 0, 1, 1]);
  });

test('many events without a route do not displace an event with a route', () => {
  const recent = createRecentResults();
  recent.add({ event: event('mine'), outcome: 'signalled' });
  for (let n = 0; n < 5_000; n++) recent.add({ event: event(`${n}`), outcome: 'unmatched' });
  assert.equal(recent.of(event('mine')).length, 1);
});

test('requests without valid credentials displace nothing, also not the results of the event that they name', () => {
  const recent = createRecentResults();
  recent.add({ event: event('mine'), outcome: 'signalled' });
  const forged = { outcome: 'rejected', reason: 'no credentials', isUnauthorised: true } as const;
  for (let n = 0; n < 20; n++) recent.add({ event: event('mine'), ...forged });
  for (let n = 0; n < 5_000; n++) recent.add({ event: event(`${n}`), ...forged });
  recent.add({ event: event('mine'), ...forged });
  assert.deepEqual(
    recent.of(event('mine')).map(({ outcome }) => outcome),
    ['rejected', 'signalled'],
  );
});

test('does not remember events without an identity, or with an identity of more than 1,000 characters', () => {
  const recent = createRecentResults();
  recent.add({ outcome: 'rejected' });
  recent.add({ event: { id: 'a' }, outcome: 'rejected' });
  const longest = 'x'.repeat(1_000 - JSON.stringify(['/s', '']).length);
  recent.add({ event: event(longest), outcome: 'rejected' });
  recent.add({ event: event(`${longest}x`), outcome: 'rejected' });
  assert.equal(recent.of(event(longest)).length, 1);
  assert.equal(recent.of(event(`${longest}x`)).length, 0);
});
