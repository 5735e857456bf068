import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs a program with a heap of 80 MiB, and returns what it prints. */
async function runWithSmallHeap(program: string, ...args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const options = ['--max-old-space-size=80', path, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 120_000 });
  return JSON.parse(stdout);
}

test('120,000 keys of 1,000 characters are published with a heap of 80 MiB', async () => {
  const { deleted } = (await runWithSmallHeap('./many-keys-program.js', '120000')) as { deleted: number };
  // The earlier run has written 40,000 objects that this run has not. 20,000 of them belong to another archive.
  assert.equal(deleted, 20_000);
});

test('archives among 12 claims of 18 MB and 12 manifests of 10,000 long keys are unpacked with a heap of 80 MiB', async () => {
  assert.deepEqual(await runWithSmallHeap('./many-claims-program.js'), { completed: 3 });
});

test('a manifest of 60 MB that lists its objects is read with a heap of 80 MiB', async () => {
  const read = await runWithSmallHeap('./large-manifest-program.js', '60000');
  assert.deepEqual(read, { known: 60_000, error: 'DestinationTaken' });
});
