import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListMemory, type OpenList } from '../../../activities/unzip/list-memory.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { until } from '../../support/until.ts';

const BUCKET = 'eb-ask';
const MIB = 1024 * 1024;
const never = new AbortController().signal;

function setUp() {
  const store = new MemoryObjectStore();
  const lists = new ListMemory();
  const open = (key: string, maxBytes = 8 * MIB, signal = never): Promise<OpenList | undefined> =>
    lists.open(store, { bucket: BUCKET, key }, maxBytes, signal);
  const openAll = (keys: readonly string[]): OpenList[] => {
    const opened: OpenList[] = [];
    for (const key of keys) open(key).then((list) => list && opened.push(list), assert.fail);
    return opened;
  };
  return { store, open, openAll };
}

const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

test('one large list is in memory at a time, and small ones do not wait for it', async () => {
  const { store, open, openAll } = setUp();
  for (const key of names(3, 'large')) store.set(BUCKET, key, Buffer.alloc(MIB + 1));
  store.set(BUCKET, 'small', Buffer.alloc(MIB));
  const opened = openAll(names(3, 'large'));
  await until('one large list is open', () => opened.length === 1);
  const small = await open('small');
  assert.deepEqual([small?.body.length, small?.isLarge], [MIB, false]);
  assert.equal(opened.length, 1);
  for (const count of [2, 3]) {
    opened.at(-1)?.close();
    await until('the next large list is open', () => opened.length === count);
  }
  assert.deepEqual(
    opened.map(({ isLarge }) => isLarge),
    [true, true, true],
  );
});

test('sixteen small lists are in memory at the same time', async () => {
  const { store, openAll } = setUp();
  for (const key of names(20, 'small')) store.set(BUCKET, key, Buffer.from(key));
  const opened = openAll(names(20, 'small'));
  await until('sixteen lists are open', () => opened.length === 16);
  opened[0]?.close();
  await until('one more list is open', () => opened.length === 17);
  for (let at = 1; at < 20; at++) {
    await until('the list is open', () => opened.length > at);
    opened[at]?.close();
  }
});

test('a list that does not exist, that is too large or that cannot be read keeps no others waiting', async () => {
  const { store, open } = setUp();
  store.set(BUCKET, 'large', Buffer.alloc(2 * MIB));
  for (let time = 0; time < 20; time++) {
    assert.equal(await open('missing'), undefined);
    await assert.rejects(open('large', 2 * MIB - 1), { type: 'ObjectTooLarge' });
    store.before = () => {
      throw new Error('no network');
    };
    await assert.rejects(open('large'), /no network/);
    store.before = () => {};
  }
  (await open('large'))?.close();
});

test('a large list that is cancelled while it waits is not read', async () => {
  const { store, open } = setUp();
  store.set(BUCKET, 'large', Buffer.alloc(2 * MIB));
  const first = await open('large');
  const cancelled = new AbortController();
  const waiting = open('large', 8 * MIB, cancelled.signal);
  await until('the second one has been found to be large', () => store.calls.length === 3);
  cancelled.abort(new Error('cancelled'));
  await assert.rejects(waiting, /cancelled/);
  first?.close();
  (await open('large'))?.close();
});
