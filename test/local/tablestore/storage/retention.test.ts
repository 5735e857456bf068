import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweep } from '../../../../local/tablestore/storage/sweep.ts';
import { decodeRow, decodeRows } from '../../../../ots/wire/plain-buffer-reader.ts';
import { openTestStorage } from '../opened-storage.ts';
import { newTable, rowBytes } from '../signed-call.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const plenty = { records: 1_000, bytes: 2 ** 30 };
const condition = { rowExistence: 'IGNORE' };

test('a cell expires after its time to live, and the row expires with its last cell', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const { call, storage } = await openTestStorage(t, { clock: () => now });
  call('CreateTable', newTable('t', { options: { timeToLive: 86_400 } }));
  call('PutRow', { tableName: 't', row: rowBytes({ k: 'a' }, [{ name: 'old', value: '1' }]), condition });
  now += 12 * HOUR_MS;
  call('UpdateRow', {
    tableName: 't',
    rowChange: rowBytes({ k: 'a' }, [{ name: 'new', value: '2' }]),
    condition,
  });
  const columns = () => {
    const { row } = call<{ row: Buffer }>('GetRow', {
      ...{ tableName: 't', primaryKey: rowBytes({ k: 'a' }, []), maxVersions: 1 },
    });
    return decodeRows(row)[0]?.cells.map(({ name }) => name);
  };
  assert.deepEqual(columns(), ['new', 'old']);
  now += 12 * HOUR_MS + 1;
  assert.deepEqual(columns(), ['new']);
  assert.equal(await sweep(storage), 0);
  now += 12 * HOUR_MS;
  assert.equal(columns(), undefined);
  const expectsRow = { rowExistence: 'EXPECT_EXIST' };
  assert.throws(
    () => call('PutRow', { tableName: 't', row: rowBytes({ k: 'a' }, []), condition: expectsRow }),
    {
      code: 'OTSConditionCheckFail',
    },
  );
  const changes = () =>
    storage.changes.partitions('t').flatMap(({ id }) => storage.changes.read('t', id, 0n, plenty).changes)
      .length;
  const before = changes();
  assert.equal(await sweep(storage), 1);
  assert.equal(changes(), before, 'an expired row is not a change of the stream');
});

test('rejects a cell version outside the table’s allowed deviation, and names the allowed range', async (t) => {
  const now = Date.UTC(2026, 0, 2);
  const { call } = await openTestStorage(t, { clock: () => now });
  call('CreateTable', newTable('t'));
  const put = (timestamp: bigint) =>
    call('PutRow', {
      tableName: 't',
      row: rowBytes({ k: 'a' }, [{ name: 'c', value: 'x', timestamp }]),
      condition,
    });
  put(BigInt(now - DAY_MS));
  put(BigInt(now + DAY_MS - 1));
  for (const timestamp of [now - DAY_MS - 1, now + DAY_MS])
    assert.throws(() => put(BigInt(timestamp)), {
      message: `Invalid timestamp. Cell:c. Timestamp:${timestamp}. MinTimestamp:${now - DAY_MS}. MaxTimestamp:${now + DAY_MS}.`,
    });
});

test('drops the changes whose retention has passed, and reports the newest dropped change', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const { call, storage } = await openTestStorage(t, { clock: () => now, partitions: 1 });
  call('CreateTable', newTable('t', { stream: { enableStream: true, expirationTime: 2 } }));
  const { changes } = storage;
  const [id = ''] = changes.partitions('t').map((each) => each.id);
  const put = (k: string) => call('PutRow', { tableName: 't', row: rowBytes({ k }, []), condition });
  const kept = () =>
    changes.read('t', id, 0n, plenty).changes.map(({ record }) => decodeRow(record).primaryKey[0]?.value);
  put('first');
  const [first] = changes.read('t', id, 0n, plenty).changes;
  now += HOUR_MS;
  put('second');
  assert.equal(changes.newestDropped('t', id), 0n);
  now += HOUR_MS - 1;
  assert.deepEqual(kept(), ['first', 'second']);
  now += 2;
  assert.deepEqual(kept(), ['second']);
  assert.equal(changes.newestDropped('t', id), first?.sequence.timestamp);
  now += HOUR_MS;
  const newest = changes.latest('t', id);
  assert.deepEqual(kept(), []);
  assert.equal(changes.latest('t', id), newest);
});

test('a split partition is removed when all its changes are older than the retention', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const { call, storage } = await openTestStorage(t, { clock: () => now, partitions: 1 });
  call('CreateTable', newTable('t', { stream: { enableStream: true, expirationTime: 1 } }));
  const { changes } = storage;
  const [parent = ''] = changes.partitions('t').map((each) => each.id);
  changes.split('t', parent);
  assert.equal(changes.partitions('t').length, 3);
  now += HOUR_MS + 1;
  assert.deepEqual(
    changes.partitions('t').map(({ parent: parentId, closed }) => [parentId, closed]),
    [
      [undefined, false],
      [undefined, false],
    ],
  );
});

test('a sweep reads every row of a large table, and deletes only expired rows', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const { call, storage } = await openTestStorage(t, { clock: () => now });
  call('CreateTable', newTable('t', { options: { timeToLive: 86_400 } }));
  const write = (from: number, count: number) => {
    const rows = Array.from({ length: count }, (_, index) => ({
      ...{ type: 'PUT', condition },
      rowChange: rowBytes({ k: String(from + index) }, [{ name: 'c', value: 'x' }]),
    }));
    call('BatchWriteRow', { tables: [{ tableName: 't', rows }] });
  };
  for (let from = 0; from < 1_000; from += 200) write(from, 200);
  now += DAY_MS + 1;
  write(0, 150);
  assert.equal(await sweep(storage), 850);
  assert.equal(await sweep(storage), 0);
});
