import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLocalDatabase } from '../../../local/database.ts';
import { tableKeyRange } from '../../../local/tablestore/storage/row-store.ts';
import { openStorage, type Storage } from '../../../local/tablestore/storage/storage.ts';
import { decodeRow } from '../../../ots/wire/plain-buffer-reader.ts';
import type { PlainRow } from '../../../ots/wire/row.ts';

const writer = fileURLToPath(new URL('./write-until-killed.js', import.meta.url));
const ROUNDS = 5;

/** Returns the value of a row's column `n` as text. */
const contentOf = ({ cells }: PlainRow) => String(cells.find(({ name }) => name === 'n')?.value);

/** Returns the rows that result from applying all changes in the log. */
function replayed({ changes }: Storage): Map<string, string> {
  const all = changes
    .partitions('t')
    .flatMap(({ id }) => changes.read('t', id, 0n, { records: 2 ** 31, bytes: 2 ** 31 }).changes);
  all.sort((one, other) => Number(one.sequence.timestamp - other.sequence.timestamp));
  const rows = new Map<string, string>();
  for (const { action, record: bytes } of all) {
    const record = decodeRow(bytes);
    const key = String(record.primaryKey[0]?.value);
    if (action === 'DELETE_ROW') rows.delete(key);
    else rows.set(key, contentOf(record));
  }
  return rows;
}

function storedRows({ tables, rows }: Storage): Map<string, string> {
  const found = rows.range(tableKeyRange(tables.require('t')));
  return new Map([...found].map(({ row }) => [String(row.primaryKey[0]?.value), contentOf(row)]));
}

/** Kills the writer during a write, after the write with this number was answered. Returns the number of the last answered write. */
async function killAfter(child: ChildProcess, lastWrite: number): Promise<number> {
  let answered = -1;
  const enough = new Promise<void>((resolve) => {
    child.on('message', (count: number) => {
      answered = count;
      if (count >= lastWrite) resolve();
    });
  });
  const exited = once(child, 'exit').then(([code, signal]) => {
    if (signal !== 'SIGKILL') throw new Error(`the writer ended unexpectedly with ${code}`);
  });
  await Promise.race([enough, exited]);
  child.kill('SIGKILL');
  await exited;
  return answered;
}

test('after a kill, the log matches the rows, and every answered write is stored', {
  timeout: 300_000,
}, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-killed-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  let last = -1;
  for (let round = 0; round < ROUNDS; round++) {
    const child = fork(writer, [dir, String(last + 1)]);
    t.after(() => child.kill('SIGKILL'));
    const answered = await killAfter(child, last + 200 + round * 37);
    const database = openLocalDatabase(dir);
    const storage = openStorage(database, { clock: Date.now, partitions: 4 });
    const rows = storedRows(storage);
    assert.deepEqual(rows, replayed(storage));
    const newest = Math.max(...[...rows.values()].map(Number));
    assert.ok(newest >= answered, `write ${answered} was answered, but the newest stored write is ${newest}`);
    last = newest;
    await database.close();
  }
  assert.ok(last >= ROUNDS * 200);
});
