import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'sluice-test-catalogue-'));
after(() => rm(folder, { recursive: true, force: true }));

test('the committed rows equal the rows that the script generates', async () => {
  const made = join(folder, 'place-rows.ts');
  const script = join(root, 'scripts/catalogue/generate.mjs');
  await promisify(execFile)(process.execPath, [script, made], { timeout: 60_000 });
  const committed = await readFile(join(root, 'domain/catalogue/place-rows.ts'), 'utf8');
  assert.ok(
    (await readFile(made, 'utf8')) === committed,
    'domain/catalogue/place-rows.ts differs from the generated rows; run node scripts/catalogue/generate.mjs',
  );
});
