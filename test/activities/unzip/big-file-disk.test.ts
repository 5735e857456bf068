import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { BigFileInflater } from '../../../activities/unzip/big-file-inflater.ts';
import { breakOpenFiles, listsOpenFiles, openFiles } from '../../support/open-files.ts';
import { until } from '../../support/until.ts';
import { bigFileOf, damage, failsWith } from './big-file-fixture.ts';

const MIB = 1024 * 1024;
const content = Buffer.alloc(9 * MIB, 'content ');
/** More than one window. The first window does not fill the slab. */
const twoWindows = Buffer.alloc(33 * MIB);
const never = new AbortController().signal;

test('an uploaded slab is not left open', listsOpenFiles, async () => {
  const { extract, upload, scratchRoot } = await bigFileOf({ content, method: 0 });
  await extract();
  await upload();
  assert.deepEqual(await openFiles(scratchRoot), []);
});

test('a slab whose upload fails is not left open', listsOpenFiles, async () => {
  const { extract, upload, scratchFiles, scratchRoot } = await bigFileOf({ content, method: 0 });
  await extract();
  await damage((await scratchFiles())[0] ?? '', 0);
  await assert.rejects(upload(), failsWith('ScratchLost', false));
  assert.deepEqual(await openFiles(scratchRoot), []);
});

test(
  'if a slab cannot be closed, the extraction fails, and the slab gets no name',
  listsOpenFiles,
  async () => {
    const { run, shared, task, file, scratchFiles, scratchRoot } = await bigFileOf({ content, method: 0 });
    await run(shared.downloadWindow, { task, file, window: 0 });
    const [window = ''] = await scratchFiles();
    const output = `${window}.slab`;
    const inflater = await BigFileInflater.open(file);
    await inflater.step({ input: window, last: false, output, skip: 0 }, never);
    await until('only the slab is open', async () => (await openFiles(scratchRoot)).length === 1);
    await breakOpenFiles(scratchRoot);
    // Nothing is left to write, so only closing the slab can fail.
    await writeFile(window, '');
    await assert.rejects(inflater.step({ input: window, last: true, output, skip: 0 }, never), /EBADF/);
    assert.equal(existsSync(output), false);
  },
);

test('a released part closes its unfinished slab', listsOpenFiles, async () => {
  const { run, scratch, task, extract, scratchRoot } = await bigFileOf({ content: twoWindows, method: 0 });
  const { slabDone, windowDone } = await extract();
  assert.deepEqual([slabDone, windowDone], [false, true]);
  await until('only the slab is open', async () => (await openFiles(scratchRoot)).length === 1);
  await run(scratch.releasePart, task);
  assert.deepEqual(await openFiles(scratchRoot), []);
});

test(
  'if the unfinished slab of a released part cannot be closed, the release is retried',
  listsOpenFiles,
  async () => {
    const { run, scratch, task, extract, scratchFiles, scratchRoot } = await bigFileOf({
      content: twoWindows,
      method: 0,
    });
    await extract();
    await breakOpenFiles(scratchRoot);
    await assert.rejects(run(scratch.releasePart, task), /EBADF/);
    await run(scratch.releasePart, task);
    assert.deepEqual(await scratchFiles(), []);
  },
);

test('a window that is deleted while it is extracted, for example by a clean-up of the disk, is extracted', async () => {
  const { store, run, shared, scratch, task, file, scratchFiles, upload, close } = await bigFileOf({
    content,
    method: 0,
  });
  await run(shared.downloadWindow, { task, file, window: 0 });
  const [window = ''] = await scratchFiles();
  const slab = `${window.slice(0, window.lastIndexOf('.'))}.slab-0`;
  const extraction = run(scratch.extractWindow, { task, file, window: 0, slab: 0, uploaded: 0 });
  // The first bytes of the slab were read from the open window.
  while (!existsSync(`${slab}.tmp`) && !existsSync(slab)) await setImmediate();
  rmSync(window);
  const { crc64 } = await extraction;
  await upload();
  await close(crc64);
  assert.ok(store.content('eb-ask', 'unzip/big/big.bin')?.equals(content));
});

test('a slab that is deleted while it is uploaded is uploaded', async () => {
  const { store, extract, upload, close, scratchFiles } = await bigFileOf({ content, method: 0 });
  const { crc64 } = await extract();
  const [slab = ''] = await scratchFiles();
  store.before = async ({ method }) => {
    if (method === 'uploadPart') await rm(slab, { force: true });
  };
  await upload();
  await close(crc64);
  assert.ok(store.content('eb-ask', 'unzip/big/big.bin')?.equals(content));
});
