import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedReads } from '../../api/bounded-reads.ts';
import { Unavailable } from '../../domain/errors.ts';
import { freshnessTable } from '../../ports/weather-tables.ts';

/** A store whose reads end when they are told to. */
function slowStore() {
  const open: { adcode: string; end: (error?: Error) => void }[] = [];
  const get = (_table: unknown, key: { adcode: string }) =>
    new Promise<undefined>((resolve, reject) => {
      open.push({ ...key, end: (error) => (error === undefined ? resolve(undefined) : reject(error)) });
    });
  return { open, store: { get, getMany: get } as never };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('no more than so many are under way, the others come in their order', async () => {
  const { open, store } = slowStore();
  const read: boolean[] = [];
  const reads = boundedReads(store, {
    parallel: 2,
    waiting: 10,
    onRead: (_, answered) => read.push(answered),
  });
  const asked = ['1', '2', '3', '4'].map((adcode) => reads.get(freshnessTable, { adcode }));
  await turn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '2'],
  );
  open[1]?.end();
  await turn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '2', '3'],
  );
  open[0]?.end(new Error('lost'));
  await assert.rejects(asked[0] ?? Promise.resolve(), /lost/);
  await turn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '2', '3', '4'],
  );
  open[2]?.end();
  open[3]?.end();
  await Promise.all(asked.slice(1));
  assert.deepEqual(read, [true, false, true, true]);
  // All places are free again.
  const more = ['5', '6', '7'].map((adcode) => reads.get(freshnessTable, { adcode }));
  await turn();
  assert.equal(open.length, 6);
  for (const index of [4, 5]) open[index]?.end();
  await turn();
  open[6]?.end();
  await Promise.all(more);
});

test('one more than may wait is refused at once as busy', async () => {
  const { open, store } = slowStore();
  const reads = boundedReads(store, { parallel: 1, waiting: 1 });
  const [first, second] = ['1', '2'].map((adcode) => reads.get(freshnessTable, { adcode }));
  await assert.rejects(
    reads.get(freshnessTable, { adcode: '3' }),
    (error) => error instanceof Unavailable && error.type === 'Busy' && error.afterMs === 1_000,
  );
  open[0]?.end();
  await first;
  await turn();
  open[1]?.end();
  await second;
});

test('whoever is gone while waiting leaves the queue, and the store is not asked', async () => {
  const { open, store } = slowStore();
  const reads = boundedReads(store, { parallel: 1, waiting: 1 });
  const first = reads.get(freshnessTable, { adcode: '1' });
  const gone = new AbortController();
  const waiting = reads.get(freshnessTable, { adcode: '2' }, { signal: gone.signal });
  gone.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  await assert.rejects(reads.get(freshnessTable, { adcode: '3' }, { signal: gone.signal }), /gone/);
  const last = reads.get(freshnessTable, { adcode: '4' });
  open[0]?.end();
  await first;
  await turn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '4'],
  );
  open[1]?.end();
  await last;
});
