import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { partFilesOf } from '../../../activities/unzip/part-files.ts';
import { listsOpenFiles, openFiles } from '../../support/open-files.ts';
import type { ZipEntry } from '../../support/zip-writer.ts';
import { plannedParts } from './part-fixture.ts';

const MIB = 1024 * 1024;
const small: ZipEntry = { name: 'small.txt', content: 'small' };
const large: ZipEntry = { name: 'large.bin', content: Buffer.alloc(4 * MIB, 'large '), method: 8 };

/** A downloaded part with these entries. */
async function downloadedPart(t: TestContext, entries: readonly ZipEntry[]) {
  const { run, shared, scratch, deps, dir, runId, tasks } = await plannedParts(t, entries);
  const [task = assert.fail('no part')] = tasks;
  await run(shared.download, task);
  return {
    extract: () => run(scratch.extract, task),
    packPath: deps.scratch.path(runId, partFilesOf(task).pack),
    openFiles: () => openFiles(dir),
  };
}

test('an extracted part leaves no file open', listsOpenFiles, async (t) => {
  const part = await downloadedPart(t, [small, large]);
  assert.deepEqual(await part.extract(), { files: 2, bytes: 5 + 4 * MIB });
  assert.deepEqual(await part.openFiles(), []);
});

test(
  'an extraction that fails because the disk is full is retried, and leaves no file open',
  listsOpenFiles,
  async (t) => {
    const part = await downloadedPart(t, [small]);
    await symlink('/dev/full', `${part.packPath}.tmp`);
    await assert.rejects(part.extract(), { type: 'ScratchFull', nonRetryable: false });
    assert.deepEqual(await part.openFiles(), []);
  },
);

test('an extraction that cannot create its pack file leaves no file open', listsOpenFiles, async (t) => {
  const part = await downloadedPart(t, [small]);
  await mkdir(`${part.packPath}.tmp`);
  await assert.rejects(part.extract(), /EISDIR/);
  assert.deepEqual(await part.openFiles(), []);
});
