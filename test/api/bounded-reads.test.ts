import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedReads } from '../../api/bounded-reads.ts';
import { Unavailable } from '../../domain/errors.ts';
import { freshnessTable } from '../../ports/weather-tables.ts';

/** A store whose reads end when the test releases them. */
function slowStore() {
  const open: { adcode: string; end: (error?: Error) => void }[] = [];
  const get = (_table: unknown, key: { adcode: string } | { adcode: string }[]) =>
    new Promise<undefined>((resolve, reject) => {
      const { adcode = '' } = Array.isArray(key) ? (key[0] ?? {}) : key;
      open.push({ adcode, end: (error) => (error === undefined ? resolve(undefined) : reject(error)) });
    });
  return { open, store: { get, getMany: get } as never };
}

/** One concurrent read, and one waiting read. */
const oneReadLimits = { parallel: { reads: 1, rows: 100 }, waiting: { reads: 1, rows: 100 } };

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('limits the concurrent reads, and runs waiting reads in order', async () => {
  const { open, store } = slowStore();
  const outcomes: boolean[] = [];
  const reads = boundedReads(store, {
    parallel: { reads: 2, rows: 100 },
    waiting: { reads: 10, rows: 100 },
    onRead: (_, answered) => outcomes.push(answered),
  });
  const results = ['1', '2', '3', '4'].map((adcode) => reads.get(freshnessTable, { adcode }));
  await nextTurn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '2'],
  );
  open[1]?.end();
  await nextTurn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '2', '3'],
  );
  open[0]?.end(new Error('lost'));
  await assert.rejects(results[0] ?? Promise.resolve(), /lost/);
  await nextTurn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '2', '3', '4'],
  );
  open[2]?.end();
  open[3]?.end();
  await Promise.all(results.slice(1));
  assert.deepEqual(outcomes, [true, false, true, true]);
  // All slots are free again.
  const more = ['5', '6', '7'].map((adcode) => reads.get(freshnessTable, { adcode }));
  await nextTurn();
  assert.equal(open.length, 6);
  for (const index of [4, 5]) open[index]?.end();
  await nextTurn();
  open[6]?.end();
  await Promise.all(more);
});

test('a read beyond the limit of waiting reads fails at once as busy', async () => {
  const { open, store } = slowStore();
  const reads = boundedReads(store, oneReadLimits);
  const [first, second] = ['1', '2'].map((adcode) => reads.get(freshnessTable, { adcode }));
  await assert.rejects(
    reads.get(freshnessTable, { adcode: '3' }),
    (error) => error instanceof Unavailable && error.type === 'Busy' && error.afterMs === 1_000,
  );
  open[0]?.end();
  await first;
  await nextTurn();
  open[1]?.end();
  await second;
});

test('if a client closes the connection, its waiting read is removed, and the store is not called', async () => {
  const { open, store } = slowStore();
  const reads = boundedReads(store, oneReadLimits);
  const first = reads.get(freshnessTable, { adcode: '1' });
  const gone = new AbortController();
  const waiting = reads.get(freshnessTable, { adcode: '2' }, { signal: gone.signal });
  gone.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  await assert.rejects(reads.get(freshnessTable, { adcode: '3' }, { signal: gone.signal }), /gone/);
  const last = reads.get(freshnessTable, { adcode: '4' });
  open[0]?.end();
  await first;
  await nextTurn();
  assert.deepEqual(
    open.map(({ adcode }) => adcode),
    ['1', '4'],
  );
  open[1]?.end();
  await last;
});

test('limits concurrent and waiting reads also by their rows, in order', async () => {
  const { open, store } = slowStore();
  const limits = { parallel: { reads: 9, rows: 10 }, waiting: { reads: 9, rows: 12 } };
  const reads = boundedReads(store, limits);
  const many = (adcode: string, rows: number) =>
    reads.getMany(
      freshnessTable,
      Array.from({ length: rows }, () => ({ adcode })),
    );
  const results: Promise<unknown>[] = [many('1', 6), many('2', 4), many('3', 7)];
  // This read would fit, but others came first.
  results.push(reads.get(freshnessTable, { adcode: '4' }));
  await assert.rejects(many('5', 5), (error) => error instanceof Unavailable && error.type === 'Busy');
  await nextTurn();
  const begun = () => open.map(({ adcode }) => adcode).join('');
  assert.equal(begun(), '12');
  open[1]?.end();
  await nextTurn();
  assert.equal(begun(), '12');
  open[0]?.end();
  await nextTurn();
  assert.equal(begun(), '1234');
  for (const { end } of open) end();
  await Promise.all(results);
  // A read over the limit runs alone.
  const large = many('6', 50);
  const small = many('7', 1);
  await nextTurn();
  assert.equal(begun(), '12346');
  open[4]?.end();
  await large;
  await nextTurn();
  assert.equal(begun(), '123467');
  open[5]?.end();
  await small;
});
