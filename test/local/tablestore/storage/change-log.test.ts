import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../../local/tablestore/storage/change-log.ts';
import type { Storage } from '../../../../local/tablestore/storage/storage.ts';
import { decodeRow } from '../../../../ots/wire/plain-buffer-reader.ts';
import type { Cell } from '../../../../ots/wire/row.ts';
import { type OpenedStorage, openTestStorage } from '../opened-storage.ts';
import { newTable, rowBytes } from '../signed-call.ts';

const condition = { rowExistence: 'IGNORE' };
const plenty = { records: 10_000, bytes: 2 ** 30 };

const put = ({ call }: OpenedStorage, k: string, cells: readonly Cell[]) =>
  call('PutRow', { tableName: 't', row: rowBytes({ k }, cells), condition });
const update = ({ call }: OpenedStorage, k: string, cells: readonly Cell[]) =>
  call('UpdateRow', { tableName: 't', rowChange: rowBytes({ k }, cells), condition });
const remove = ({ call }: OpenedStorage, k: string) =>
  call('DeleteRow', { tableName: 't', primaryKey: rowBytes({ k }, [], true), condition });

/** Returns all changes of a table in order of time. */
function allChanges({ changes }: Storage): Change[] {
  const all = changes.partitions('t').flatMap(({ id }) => changes.read('t', id, 0n, plenty).changes);
  return all.sort((one, other) => Number(one.sequence.timestamp - other.sequence.timestamp));
}

function summaryOf({ action, record, oldRow }: Change) {
  const { primaryKey, cells, deleted = false } = decodeRow(record);
  return {
    ...{ action, deleted, key: primaryKey.map(({ value }) => value) },
    cells: cells.map(({ name, value, operation }) => [name, operation ?? value]),
    ...(oldRow === undefined
      ? {}
      : { origin: decodeRow(oldRow).cells.map(({ name, value }) => [name, value]) }),
  };
}

test('a change has the whole row of a put, the changed cells of an update, and the key of a delete', async (t) => {
  const opened = await openTestStorage(t);
  opened.call('CreateTable', newTable('t'));
  put(opened, 'a', [
    { name: 'x', value: '1' },
    { name: 'n', value: 5n },
  ]);
  update(opened, 'a', [
    { name: 'x', operation: 'delete all versions' },
    { name: 'y', value: '2' },
  ]);
  update(opened, 'a', [{ name: 'n', value: 2n, operation: 'increment' }]);
  remove(opened, 'a');
  const common = { key: ['a'], deleted: false };
  assert.deepEqual(allChanges(opened.storage).map(summaryOf), [
    {
      ...common,
      action: 'PUT_ROW',
      cells: [
        ['n', 5n],
        ['x', '1'],
      ],
    },
    {
      ...common,
      action: 'UPDATE_ROW',
      cells: [
        ['x', 'delete all versions'],
        ['y', '2'],
      ],
    },
    { ...common, action: 'UPDATE_ROW', cells: [['n', 7n]] },
    { ...common, action: 'DELETE_ROW', cells: [], deleted: true },
  ]);
});

test('a write with an unmet condition, or a delete of a missing row, adds no change', async (t) => {
  const opened = await openTestStorage(t);
  opened.call('CreateTable', newTable('t'));
  remove(opened, 'a');
  update(opened, 'a', [{ name: 'x', operation: 'delete all versions' }]);
  const expectingRow = { row: rowBytes({ k: 'a' }, []), condition: { rowExistence: 'EXPECT_EXIST' } };
  assert.throws(() => opened.call('PutRow', { tableName: 't', ...expectingRow }), {
    code: 'OTSConditionCheckFail',
  });
  assert.deepEqual(allChanges(opened.storage), []);
});

test('the log keeps changes only while the stream is enabled', async (t) => {
  const opened = await openTestStorage(t);
  opened.call('CreateTable', newTable('t', { stream: false }));
  put(opened, 'before', []);
  const change = (streamSpec: object) => opened.call('UpdateTable', { tableName: 't', streamSpec });
  change({ enableStream: true, expirationTime: 24 });
  put(opened, 'while', []);
  assert.deepEqual(
    allChanges(opened.storage).map(({ record }) => decodeRow(record).primaryKey[0]?.value),
    ['while'],
  );
  assert.throws(() => change({ enableStream: true, expirationTime: 48 }), { code: 'OTSParameterInvalid' });
  change({ enableStream: false });
  put(opened, 'after', []);
  assert.deepEqual(allChanges(opened.storage), []);
});

test('a stream that is enabled again is empty', async (t) => {
  const opened = await openTestStorage(t);
  opened.call('CreateTable', newTable('t'));
  const change = (streamSpec: object) =>
    opened.call<{ streamDetails: { streamId: string } }>('UpdateTable', { tableName: 't', streamSpec });
  put(opened, 'before', []);
  const { streamId } = change({ enableStream: true, expirationTime: 24 }).streamDetails;
  change({ enableStream: false });
  assert.notEqual(change({ enableStream: true, expirationTime: 24 }).streamDetails.streamId, streamId);
  put(opened, 'after', []);
  assert.deepEqual(
    allChanges(opened.storage).map(({ record }) => decodeRow(record).primaryKey[0]?.value),
    ['after'],
  );
});

test('a change includes the old values of the stream’s columns, and no old values for a new row', async (t) => {
  const opened = await openTestStorage(t);
  const stream = { enableStream: true, expirationTime: 24, columnsToGet: ['x'] };
  opened.call('CreateTable', newTable('t', { stream }));
  put(opened, 'a', [
    { name: 'x', value: '1' },
    { name: 'y', value: '1' },
  ]);
  update(opened, 'a', [{ name: 'x', value: '2' }]);
  remove(opened, 'a');
  assert.deepEqual(
    allChanges(opened.storage).map((change) => summaryOf(change).origin),
    [[], [['x', '1']], [['x', '2']]],
  );
});

test('timestamps increase even if the clock is set back', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const opened = await openTestStorage(t, { clock: () => now, partitions: 1 });
  opened.call('CreateTable', newTable('t'));
  for (const step of [0, 0, 5, -3_600_000, 0, 1]) {
    now += step;
    put(opened, 'a', []);
  }
  const times = allChanges(opened.storage).map(({ sequence }) => sequence.timestamp);
  assert.equal(times.length, 6);
  for (const [index, time] of times.entries()) assert.ok(index === 0 || time > (times[index - 1] ?? 0n));
  assert.ok(opened.storage.changes.now() >= (times.at(-1) ?? 0n));
});

test('a page ends at the requested number of changes or bytes, and reports that further changes follow', async (t) => {
  const opened = await openTestStorage(t, { partitions: 1 });
  opened.call('CreateTable', newTable('t'));
  for (let n = 0; n < 10; n++) put(opened, `row ${n}`, [{ name: 'c', value: 'x'.repeat(1_000) }]);
  const { changes } = opened.storage;
  const [id = ''] = changes.partitions('t').map((each) => each.id);
  const page = (after: bigint, limits: { records: number; bytes: number }) => {
    const { changes: read, hasMore } = changes.read('t', id, after, limits);
    return {
      keys: read.map(({ record }) => String(decodeRow(record).primaryKey[0]?.value)),
      hasMore,
      last: read.at(-1)?.sequence,
    };
  };
  const first = page(0n, { records: 4, bytes: 2 ** 20 });
  assert.deepEqual([first.keys, first.hasMore], [['row 0', 'row 1', 'row 2', 'row 3'], true]);
  const second = page(first.last?.timestamp ?? 0n, { records: 100, bytes: 2_500 });
  assert.deepEqual([second.keys, second.hasMore], [['row 4', 'row 5'], true]);
  assert.deepEqual(page(0n, { records: 100, bytes: 10 }).keys, ['row 0']);
  assert.deepEqual(page(first.last?.timestamp ?? 0n, plenty).hasMore, false);
});

test('every row belongs to one partition, and only this partition’s scan and log contain the row', async (t) => {
  const opened = await openTestStorage(t);
  opened.call('CreateTable', newTable('t'));
  const names = Array.from({ length: 200 }, (_, n) => `row ${n}`);
  for (const name of names) put(opened, name, []);
  const { changes } = opened.storage;
  const partitions = changes.partitions('t');
  assert.equal(partitions.length, 4);
  const seen: string[] = [];
  for (const { id } of partitions) {
    const logged = new Set(
      changes
        .read('t', id, 0n, plenty)
        .changes.map(({ record }) => String(decodeRow(record).primaryKey[0]?.value)),
    );
    const scanned: string[] = [];
    for (let after: Buffer | undefined, first = true; first || after !== undefined; first = false) {
      const page = changes.scanRows('t', id, after, 7);
      scanned.push(...page.rows.map(({ primaryKey }) => String(primaryKey[0]?.value)));
      after = page.next;
    }
    assert.deepEqual(scanned, [...scanned].sort());
    assert.deepEqual(new Set(scanned), logged);
    assert.ok(scanned.length > 20, `partition ${id} has ${scanned.length} of 200 rows`);
    seen.push(...scanned);
  }
  assert.deepEqual(seen.sort(), names.sort());
});

test('after a split, the parent partition keeps its changes, and its children get the new changes', async (t) => {
  const opened = await openTestStorage(t, { partitions: 1 });
  opened.call('CreateTable', newTable('t'));
  const { changes } = opened.storage;
  const names = Array.from({ length: 50 }, (_, n) => `row ${n}`);
  for (const name of names) put(opened, name, []);
  const [parent = ''] = changes.partitions('t').map(({ id }) => id);
  changes.split('t', parent);
  for (const name of names) put(opened, name, []);
  const counts = changes.partitions('t').map(({ id, parent: parentId, closed, since }) => {
    const read = changes.read('t', id, 0n, plenty).changes;
    for (const { sequence } of read) assert.ok(sequence.timestamp > since);
    return { parentId, closed, count: read.length };
  });
  assert.deepEqual(counts[0], { parentId: undefined, closed: true, count: 50 });
  assert.deepEqual(
    counts.slice(1).map(({ parentId, closed }) => [parentId, closed]),
    [
      [parent, false],
      [parent, false],
    ],
  );
  assert.equal((counts[1]?.count ?? 0) + (counts[2]?.count ?? 0), 50);
  assert.ok(Math.min(counts[1]?.count ?? 0, counts[2]?.count ?? 0) > 5);
  assert.throws(() => changes.split('t', parent), /is already split/);
});

test('a table that is created again under the same name has other partitions and no old changes', async (t) => {
  const opened = await openTestStorage(t);
  const { changes } = opened.storage;
  opened.call('CreateTable', newTable('t'));
  put(opened, 'a', []);
  const old = changes.partitions('t').map(({ id }) => id);
  opened.call('DeleteTable', { tableName: 't' });
  assert.deepEqual(changes.partitions('t'), []);
  opened.call('CreateTable', newTable('t'));
  assert.deepEqual(allChanges(opened.storage), []);
  for (const { id } of changes.partitions('t')) assert.ok(!old.includes(id));
});
