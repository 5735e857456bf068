import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { BigFile, PartTask } from '../../../domain/unzip/archive.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-test-big-file-'));
});
after(() => rm(dir, { recursive: true, force: true }));

/** An archive whose only file is unpacked as a big file. Each file has its own store and scratch disk. */
export async function bigFileOf(entry: Omit<ZipEntry, 'name'>) {
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
    /** Extracts the first window, up to the end of the first slab. */
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
export async function damage(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, offset);
  await file.close();
}

export const failsWith =
  (type: string, nonRetryable: boolean) => (error: { type?: string; nonRetryable?: boolean }) => {
    assert.deepEqual([error.type, error.nonRetryable], [type, nonRetryable], String(error));
    return true;
  };
