import assert from 'node:assert/strict';
import { test } from 'node:test';
import { message } from '../../../ots/wire/message.ts';
import { decodeRow, decodeRows } from '../../../ots/wire/plain-buffer-reader.ts';
import { encodeVariant } from '../../../ots/wire/plain-buffer-writer.ts';
import { INF_MAX, INF_MIN } from '../../../ots/wire/row.ts';
import { type OpenedStorage, openTestStorage } from './opened-storage.ts';
import { newTable, rowBytes } from './signed-call.ts';

const keys = [{ name: 'n', type: 'INTEGER' }] as const;

function fill({ call }: OpenedStorage, count: number, value: string, batch = 200): void {
  call('CreateTable', newTable('t', { keys, stream: false }));
  for (let from = 0; from < count; from += batch) {
    const rows = Array.from({ length: Math.min(batch, count - from) }, (_, index) => ({
      type: 'PUT',
      rowChange: rowBytes({ n: BigInt(from + index) }, [{ name: 'c', value }]),
      condition: { rowExistence: 'IGNORE' },
    }));
    call('BatchWriteRow', { tables: [{ tableName: 't', rows }] });
  }
}

/** Reads a whole range page by page. Returns the number of rows of each page. */
function readPageSizes({ call }: OpenedStorage, request: object = {}): number[] {
  const counts: number[] = [];
  let start: Buffer | undefined = rowBytes({ n: INF_MIN }, []);
  while (start !== undefined) {
    const page: { rows: Buffer; nextStartPrimaryKey?: Buffer } = call('GetRange', {
      ...{ tableName: 't', direction: 'FORWARD', maxVersions: 1, ...request },
      ...{ inclusiveStartPrimaryKey: start, exclusiveEndPrimaryKey: rowBytes({ n: INF_MAX }, []) },
    });
    counts.push(decodeRows(page.rows).length);
    start = page.nextStartPrimaryKey;
  }
  return counts;
}

const filterOn = (value: string) =>
  message('Filter').encode({
    type: 'FT_SINGLE_COLUMN_VALUE',
    filter: message('SingleColumnValueFilter').encode({
      comparator: 'CT_EQUAL',
      columnName: 'c',
      columnValue: encodeVariant(value),
      filterIfMissing: true,
      latestVersionOnly: true,
    }),
  });

test('a page has at most 5,000 rows, also if the filter excludes them all', {
  timeout: 300_000,
}, async (t) => {
  const opened = await openTestStorage(t);
  fill(opened, 5_001, 'x');
  assert.deepEqual(readPageSizes(opened), [5_000, 1]);
  assert.deepEqual(readPageSizes(opened, { filter: filterOn('y') }), [0, 0]);
  assert.deepEqual(readPageSizes(opened, { filter: filterOn('x'), limit: 3_000 }), [3_000, 2_001]);
});

test('a page ends before its rows exceed 4 MB', async (t) => {
  const opened = await openTestStorage(t);
  fill(opened, 9, 'x'.repeat(500_000), 4);
  assert.deepEqual(readPageSizes(opened), [8, 1]);
});

test('nextStartPrimaryKey of a page is the key of the first row of the next page', async (t) => {
  const opened = await openTestStorage(t);
  fill(opened, 3, 'x');
  const { nextStartPrimaryKey } = opened.call<{ nextStartPrimaryKey: Buffer }>('GetRange', {
    ...{ tableName: 't', direction: 'BACKWARD', maxVersions: 1, limit: 1 },
    inclusiveStartPrimaryKey: rowBytes({ n: INF_MAX }, []),
    exclusiveEndPrimaryKey: rowBytes({ n: INF_MIN }, []),
  });
  assert.deepEqual(decodeRow(nextStartPrimaryKey).primaryKey, [{ name: 'n', value: 1n }]);
});
