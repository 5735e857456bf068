import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

test('120,000 keys of 1,000 characters are published with a heap of 80 MiB', async () => {
  const program = fileURLToPath(new URL('./many-keys-program.js', import.meta.url));
  const options = ['--max-old-space-size=80', program, '120000'];
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 120_000 });
  // The earlier run has written 40,000 objects that this run has not. 20,000 of them belong to another archive.
  assert.equal(JSON.parse(stdout).deleted, 20_000);
});
