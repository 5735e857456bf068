import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLocalDatabase } from '../../local/database.ts';

test('a data file that is none of LMDB’s is refused by name, an own one is opened again', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-database-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'data.mdb');
  for (const content of ['no database', Buffer.alloc(8_192)]) {
    writeFileSync(file, content);
    assert.throws(() => openLocalDatabase(dir), { message: new RegExp(`^${file} is damaged`) });
  }
  rmSync(file);
  const database = openLocalDatabase(dir);
  await database.put('a', 1);
  await database.close();
  const again = openLocalDatabase(dir);
  assert.equal(again.get('a'), 1);
  await again.close();
});
