import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addListedId,
  addSeenKey,
  decodeCarried,
  encodeCarried,
  eventKey,
} from '../../domain/signal-deduplication.ts';

test('a source and an id that run together differently are different events', () => {
  assert.notEqual(eventKey({ source: 'a', id: 'bc' }), eventKey({ source: 'ab', id: 'c' }));
});

test('a run remembers a thousand events, the oldest go first', () => {
  let seen: readonly string[] = [];
  for (let n = 0; n < 1_200; n++) seen = addSeenKey(seen, `k${n}`);
  assert.equal(seen.length, 1_000);
  assert.equal(seen[0], 'k200');
  assert.equal(seen.at(-1), 'k1199');
});

test('a run remembers 64 KiB of them, and always the last', () => {
  let seen: readonly string[] = [];
  for (let n = 0; n < 100; n++) seen = addSeenKey(seen, `${n}${'x'.repeat(1_000)}`);
  assert.equal(seen.length, 65);
  assert.deepEqual(addSeenKey(['a'], 'y'.repeat(100_000)), ['y'.repeat(100_000)]);
});

const listed: readonly (readonly [name: string, before: string[], id: string, after: string[]])[] = [
  ['the first', [], 'a', ['a']],
  ['another', ['a'], 'b', ['a', 'b']],
  ['the one that started it again', ['a', 'b'], 'a', ['a', 'b']],
  ['one that is listed', ['a', 'b'], 'b', ['a', 'b']],
  [
    'the twenty-first',
    ['a', ...Array.from({ length: 19 }, (_, n) => `s${n}`)],
    'new',
    ['a', ...Array.from({ length: 18 }, (_, n) => `s${n + 1}`), 'new'],
  ],
  [
    'more than 2,000 bytes: the oldest signalled go, the starter stays',
    ['a', 'b'.repeat(900), 'c'.repeat(900)],
    'd'.repeat(255),
    ['a', 'c'.repeat(900), 'd'.repeat(255)],
  ],
  ['bytes are those of UTF-8', ['a', '北'.repeat(500)], '京'.repeat(200), ['a', '京'.repeat(200)]],
];

for (const [name, before, id, after] of listed) {
  test(`the listed ids after ${name}`, () => assert.deepEqual(addListedId(before, id), after));
}

test('a run that continues as new hands on what it saw, and its hops where there are some', () => {
  const seen = [eventKey({ source: '{', id: 'a' }), 'not one of ours'];
  assert.deepEqual(encodeCarried(seen, 0), seen);
  for (const hops of [0, 7]) assert.deepEqual(decodeCarried(encodeCarried(seen, hops)), { seen, hops });
});
