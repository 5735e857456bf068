import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLocalDatabase } from '../../local/database.ts';

test('throws a clear error for a file that is not an LMDB file, and opens its own file again', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-database-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'data.mdb');
  for (const content of ['no database', Buffer.alloc(8_192)]) {
    writeFileSync(file, content);
    assert.throws(() => openLocalDatabase(dir), { message: new RegExp(`^${file} is not an LMDB file`) });
  }
  rmSync(file);
  const database = openLocalDatabase(dir);
  await database.put('a', 1);
  await database.close();
  const again = openLocalDatabase(dir);
  assert.equal(again.get('a'), 1);
  await again.close();
});
