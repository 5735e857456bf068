import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addListedId,
  addSeenKey,
  decodeCarried,
  encodeCarried,
  eventKey,
} from '../../domain/signal-deduplication.ts';

test('distinguishes events whose source and id join to the same text', () => {
  assert.notEqual(eventKey({ source: 'a', id: 'bc' }), eventKey({ source: 'ab', id: 'c' }));
});

test('remembers a thousand events, and drops the oldest first', () => {
  let seen: readonly string[] = [];
  for (let n = 0; n < 1_200; n++) seen = addSeenKey(seen, `k${n}`);
  assert.equal(seen.length, 1_000);
  assert.equal(seen[0], 'k200');
  assert.equal(seen.at(-1), 'k1199');
});

test('remembers 64 KiB of events, and always the last event', () => {
  let seen: readonly string[] = [];
  for (let n = 0; n < 100; n++) seen = addSeenKey(seen, `${n}${'x'.repeat(1_000)}`);
  assert.equal(seen.length, 65);
  assert.deepEqual(addSeenKey(['a'], 'y'.repeat(100_000)), ['y'.repeat(100_000)]);
});

const listed: readonly (readonly [name: string, before: string[], id: string, after: string[]])[] = [
  ['the first id', [], 'a', ['a']],
  ['another id', ['a'], 'b', ['a', 'b']],
  ['the id that started the run, again', ['a', 'b'], 'a', ['a', 'b']],
  ['a listed id', ['a', 'b'], 'b', ['a', 'b']],
  [
    'the twenty-first id',
    ['a', ...Array.from({ length: 19 }, (_, n) => `s${n}`)],
    'new',
    ['a', ...Array.from({ length: 18 }, (_, n) => `s${n + 1}`), 'new'],
  ],
  [
    'more than 2,000 bytes: drops the oldest signalled ids, keeps the id that started the run',
    ['a', 'b'.repeat(900), 'c'.repeat(900)],
    'd'.repeat(255),
    ['a', 'c'.repeat(900), 'd'.repeat(255)],
  ],
  [
    'more than 2,000 bytes, counted in UTF-8',
    ['a', '北'.repeat(500)],
    '京'.repeat(200),
    ['a', '京'.repeat(200)],
  ],
];

for (const [name, before, id, after] of listed) {
  test(`adds an id to the listed ids: ${name}`, () => assert.deepEqual(addListedId(before, id), after));
}

test('gives the seen events and the number of hops to the next run when a run continues as new', () => {
  const seen = [eventKey({ source: '{', id: 'a' }), 'not written by Sluice'];
  assert.deepEqual(encodeCarried(seen, 0), seen);
  for (const hops of [0, 7]) assert.deepEqual(decodeCarried(encodeCarried(seen, hops)), { seen, hops });
});
