import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { unzipActivities } from '../../support/activities.ts';
import { bigFileOf, damage, failsWith } from './big-file-fixture.ts';

const MIB = 1024 * 1024;
/** One slab, in three upload parts. */
const random = randomBytes(20 * MIB);
/** For tests in which the number of upload parts does not matter. */
const small = random.subarray(0, MIB);

for (const method of [0, 8]) {
  test(`a big file with method ${method} is stored with its content, in upload parts of 8 MiB`, async () => {
    const { store, extract, upload, close, task, file, scratchFiles } = await bigFileOf({
      content: random,
      method,
    });
    const step = await extract();
    assert.deepEqual([step.slabDone, step.upload, step.windowDone], [true, true, true]);
    store.calls.length = 0;
    await upload();
    assert.equal(store.calls.filter((call) => call.method === 'uploadPart').length, 3);
    assert.deepEqual(await scratchFiles(), []);
    assert.deepEqual(await close(step.crc64), { files: 1, bytes: random.length });
    assert.deepEqual(store.content('eb-ask', 'unzip/big/big.bin'), random);
    assert.equal(store.unfinishedUploads, 0);
    assert.equal(file.partBytes, 8 * MIB);
    assert.equal(task.part.files, 1);
  });
}

for (const [where, offset] of [
  ['its first byte', 0],
  ['the last byte of an upload part', 8 * MIB - 1],
  ['the first byte of an upload part', 8 * MIB],
  ['its last byte', 20 * MIB - 1],
] as const) {
  test(`if ${where} is damaged on the scratch disk, the slab is lost, and the next attempt stores the file`, async () => {
    const { store, extract, upload, close, scratchFiles } = await bigFileOf({ content: random, method: 0 });
    await extract();
    const [slab = ''] = await scratchFiles();
    await damage(slab, offset);
    await assert.rejects(upload(), failsWith('ScratchLost', false));
    const { crc64 } = await extract(1);
    await upload(1);
    await close(crc64);
    assert.deepEqual(store.content('eb-ask', 'unzip/big/big.bin'), random);
  });
}

test('a slab that was cut off on the scratch disk is lost', async () => {
  const { extract, upload, scratchFiles } = await bigFileOf({ content: random, method: 0 });
  await extract();
  const slab = await open((await scratchFiles())[0] ?? '', 'r+');
  await slab.truncate(8 * MIB + 1);
  await slab.close();
  await assert.rejects(upload(), failsWith('ScratchLost', false));
});

test('a slab that an earlier process has written is lost, because its checksums are not known', async () => {
  const { store, task, file, extract, scratchRoot } = await bigFileOf({ content: small, method: 0 });
  await extract();
  const { run, scratch } = unzipActivities(store, scratchRoot);
  const upload = run(scratch.uploadSlab, { task, file, slab: 0 });
  await assert.rejects(upload, /the checksums of a slab of unzip\/big\/big\.bin/);
});

test('a slab that is missing on the scratch disk is lost', async () => {
  const { upload } = await bigFileOf({ content: small, method: 0 });
  await assert.rejects(upload(), failsWith('ScratchLost', false));
});

test('a released part forgets its slab and its files', async () => {
  const { run, scratch, task, extract, upload, scratchFiles } = await bigFileOf({
    content: small,
    method: 0,
  });
  await extract();
  await run(scratch.releasePart, task);
  assert.deepEqual(await scratchFiles(), []);
  await assert.rejects(upload(), failsWith('ScratchLost', false));
});

test('a damaged window is a corrupt entry, and names the archive and the file', async () => {
  const { run, shared, scratch, task, file, scratchFiles } = await bigFileOf({ content: small, method: 0 });
  await run(shared.downloadWindow, { task, file, window: 0 });
  await damage((await scratchFiles())[0] ?? '', MIB / 2);
  const extraction = run(scratch.extractWindow, { task, file, window: 0, slab: 0, uploaded: 0 });
  await assert.rejects(extraction, (error: Error & { type?: string }) => {
    failsWith('CorruptEntry', true)(error);
    assert.match(error.message, /^archive oss:\/\/eb-ask\/zip\/big\.zip: entry "unzip\/big\/big\.bin" /);
    return true;
  });
});

test('a file with only a wrong CRC-32 in the directory is a corrupt entry', async () => {
  const { extract } = await bigFileOf({ content: small, method: 0, declared: { crc32: 1 } });
  await assert.rejects(extract(), failsWith('CorruptEntry', true));
});

test('an extraction that does not continue where this worker stopped is lost', async () => {
  const { run, shared, scratch, task, file } = await bigFileOf({ content: small, method: 0 });
  await run(shared.downloadWindow, { task, file, window: 0 });
  const job = { task, file, window: 0, slab: 1, uploaded: 0 };
  await assert.rejects(run(scratch.extractWindow, job), failsWith('ScratchLost', false));
});

test('if the store receives other bytes than were sent, the upload part fails and is retried', async () => {
  const { store, extract, upload } = await bigFileOf({ content: small, method: 0 });
  await extract();
  store.corrupt = (_key, body) => Buffer.concat([Buffer.from([body[0] === 0 ? 1 : 0]), body.subarray(1)]);
  await assert.rejects(upload(), failsWith('StoredWrong', false));
  store.corrupt = (_key, body) => body;
  await upload();
});

test('an upload that was completed by an earlier attempt is complete, and is not uploaded again', async () => {
  const { store, extract, upload, close } = await bigFileOf({ content: small, method: 0 });
  const { crc64 } = await extract();
  await upload();
  await close(crc64);
  store.calls.length = 0;
  assert.deepEqual(await close(crc64), { files: 1, bytes: small.length });
  assert.ok(!store.calls.some((call) => call.method === 'completeUpload'));
});

test('an upload that lacks a slab is not completed', async () => {
  const { store, close } = await bigFileOf({ content: small, method: 0 });
  await assert.rejects(close('1'), /0 bytes are uploaded, but the file has 1048576/);
  assert.equal(store.content('eb-ask', 'unzip/big/big.bin'), undefined);
});

test('opening a big file again aborts the upload of the earlier attempt', async () => {
  const { store, run, shared, task } = await bigFileOf({ content: small, method: 0 });
  await run(shared.openBigFile, task);
  assert.equal(store.unfinishedUploads, 1);
});

test('abandonBigFile aborts the upload', async () => {
  const { store, run, shared, task, file } = await bigFileOf({ content: small, method: 0 });
  await run(shared.abandonBigFile, { task, file });
  assert.equal(store.unfinishedUploads, 0);
});
