import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BigFile, PartTask } from '../../../domain/unzip/archive.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

const MIB = 1024 * 1024;
let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-test-big-file-'));
});
after(() => rm(dir, { recursive: true, force: true }));

/** An archive whose only file is unpacked as a big file. Each file has its own store and scratch disk. */
async function bigFileOf(entry: Omit<ZipEntry, 'name'>) {
  const store = new MemoryObjectStore();
  const scratchRoot = join(dir, randomUUID());
  const system = unzipActivities(store, scratchRoot);
  const { shared, scratch, run, deps } = system;
  store.set('eb-ask', 'zip/big.zip', zipOf([{ name: 'big.bin', ...entry }]));
  const inspected = await run(shared.inspect, { bucket: 'eb-ask', key: 'zip/big.zip' });
  assert.equal(inspected.outcome, 'archive');
  const { archive } = inspected as Extract<typeof inspected, { outcome: 'archive' }>;
  const runId = randomUUID();
  const plan = await run(shared.plan, { archive, runId });
  const [part] = plan.parts;
  assert.ok(part !== undefined && plan.parts.length === 1);
  const task: PartTask = { archive, runId, attempt: 0, plan, part };
  const file: BigFile = await run(shared.openBigFile, task);
  return {
    ...{ store, shared, scratch, run, task, file, scratchRoot },
    /** Extracts the first slab. All files of these tests have one window and one slab. */
    async extract(attempt = 0) {
      const current = { ...task, attempt };
      await run(shared.downloadWindow, { task: current, file, window: 0 });
      return await run(scratch.extractWindow, { task: current, file, window: 0, slab: 0, uploaded: 0 });
    },
    upload: (attempt = 0) => run(scratch.uploadSlab, { task: { ...task, attempt }, file, slab: 0 }),
    close: (crc64 = '') => run(shared.closeBigFile, { task, file, crc64 }),
    /** The paths of the files on the scratch disk. */
    async scratchFiles(): Promise<string[]> {
      const folder = deps.scratch.path(runId, '');
      return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
    },
  };
}

/** Changes the byte at `offset` of a file. */
async function damage(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, offset);
  await file.close();
}

const random = randomBytes(20 * MIB);
const failsWith =
  (type: string, nonRetryable: boolean) => (error: { type?: string; nonRetryable?: boolean }) => {
    assert.deepEqual([error.type, error.nonRetryable], [type, nonRetryable], String(error));
    return true;
  };

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
  const { store, task, file, extract, scratchRoot } = await bigFileOf({ content: random, method: 0 });
  await extract();
  const { run, scratch } = unzipActivities(store, scratchRoot);
  const upload = run(scratch.uploadSlab, { task, file, slab: 0 });
  await assert.rejects(upload, /the checksums of a slab of unzip\/big\/big\.bin/);
});

test('a slab that is missing on the scratch disk is lost', async () => {
  const { upload } = await bigFileOf({ content: random, method: 0 });
  await assert.rejects(upload(), failsWith('ScratchLost', false));
});

test('a released part forgets its slab and its files', async () => {
  const { run, scratch, task, extract, upload, scratchFiles } = await bigFileOf({
    content: random,
    method: 0,
  });
  await extract();
  await run(scratch.releasePart, task);
  assert.deepEqual(await scratchFiles(), []);
  await assert.rejects(upload(), failsWith('ScratchLost', false));
});

test('a damaged window is a corrupt entry, and names the archive and the file', async () => {
  const { run, shared, scratch, task, file, scratchFiles } = await bigFileOf({ content: random, method: 0 });
  await run(shared.downloadWindow, { task, file, window: 0 });
  await damage((await scratchFiles())[0] ?? '', 5 * MIB);
  const extraction = run(scratch.extractWindow, { task, file, window: 0, slab: 0, uploaded: 0 });
  await assert.rejects(extraction, (error: Error & { type?: string }) => {
    failsWith('CorruptEntry', true)(error);
    assert.match(error.message, /^archive oss:\/\/eb-ask\/zip\/big\.zip: entry "unzip\/big\/big\.bin" /);
    return true;
  });
});

test('a file with only a wrong CRC-32 in the directory is a corrupt entry', async () => {
  const { extract } = await bigFileOf({ content: random, method: 0, declared: { crc32: 1 } });
  await assert.rejects(extract(), failsWith('CorruptEntry', true));
});

test('an extraction that does not continue where this worker stopped is lost', async () => {
  const { run, shared, scratch, task, file } = await bigFileOf({ content: random, method: 0 });
  await run(shared.downloadWindow, { task, file, window: 0 });
  const job = { task, file, window: 0, slab: 1, uploaded: 0 };
  await assert.rejects(run(scratch.extractWindow, job), failsWith('ScratchLost', false));
});

test('if the store receives other bytes than were sent, the upload part fails and is retried', async () => {
  const { store, extract, upload } = await bigFileOf({ content: random, method: 0 });
  await extract();
  store.corrupt = (_key, body) => Buffer.concat([Buffer.from([body[0] === 0 ? 1 : 0]), body.subarray(1)]);
  await assert.rejects(upload(), failsWith('StoredWrong', false));
  store.corrupt = (_key, body) => body;
  await upload();
});

test('an upload that was completed by an earlier attempt is complete, and is not uploaded again', async () => {
  const { store, extract, upload, close } = await bigFileOf({ content: random, method: 0 });
  const { crc64 } = await extract();
  await upload();
  await close(crc64);
  store.calls.length = 0;
  assert.deepEqual(await close(crc64), { files: 1, bytes: random.length });
  assert.ok(!store.calls.some((call) => call.method === 'completeUpload'));
});

test('an upload that lacks a slab is not completed', async () => {
  const { store, close } = await bigFileOf({ content: random, method: 0 });
  await assert.rejects(close('1'), /0 bytes are uploaded, but the file has 20971520/);
  assert.equal(store.content('eb-ask', 'unzip/big/big.bin'), undefined);
});

test('opening a big file again aborts the upload of the earlier attempt', async () => {
  const { store, run, shared, task } = await bigFileOf({ content: random, method: 0 });
  await run(shared.openBigFile, task);
  assert.equal(store.unfinishedUploads, 1);
});

test('abandonBigFile aborts the upload', async () => {
  const { store, run, shared, task, file } = await bigFileOf({ content: random, method: 0 });
  await run(shared.abandonBigFile, { task, file });
  assert.equal(store.unfinishedUploads, 0);
});
