import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { AdmissionQueue } from '../../../domain/admission-queue.ts';
import type { ByteRange } from '../../../ports/object-store.ts';
import { startActivities, unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

let activities: Awaited<ReturnType<typeof startActivities>>;
before(async () => {
  activities = await startActivities();
});
after(() => activities.stop());

async function planOf(name: string, archive: Buffer) {
  const key = `zip/${name}.zip`;
  await activities.deps.store.put({ bucket: 'eb-ask', key }, archive);
  const seen = await activities.run(activities.shared.inspect, { bucket: 'eb-ask', key });
  if (seen.outcome !== 'archive') throw new Error(seen.note);
  return await activities.run(activities.shared.plan, { archive: seen.archive, runId: randomUUID() });
}

const many = (count: number, last: ZipEntry[] = []): ZipEntry[] => [
  ...Array.from(
    { length: count },
    (_, at): ZipEntry => ({ name: `folder/with/a/long/name/file-${at}.txt`, method: 0 }),
  ),
  ...last,
];

for (const count of [65_536, 133_000]) {
  test(`finds all ${count} entries of an archive whose count is written modulo 65,536`, async () => {
    const plan = await planOf(`many-${count}`, zipOf(many(count)));
    assert.equal(plan.files, count);
    assert.equal(
      plan.parts.reduce((sum, { files }) => sum + files, 0),
      count,
    );
  });
}

test('rejects a large central directory, which another process reads, with the same type and message as a small directory', async () => {
  const slip: ZipEntry = { name: '../x', content: 'x' };
  const large = planOf('large-slip', zipOf(many(70_000, [slip])));
  await assert.rejects(large, (error) => {
    assert.ok(error instanceof ApplicationFailure && error.nonRetryable);
    assert.equal(error.type, 'UnsafeName');
    assert.equal(
      error.message,
      'archive oss://eb-ask/zip/large-slip.zip: entry "../x" would leave unzip/large-slip/',
    );
    return true;
  });
});

test('sorts the central directory by data offset, and puts every file into exactly one part', async () => {
  const entries = many(5_000);
  const plan = await planOf(
    'reversed',
    zipOf(entries, { order: (count) => [...Array(count).keys()].reverse() }),
  );
  assert.equal(plan.files, 5_000);
  assert.equal(plan.parts.length, 3);
  assert.match(plan.directory.key, /^unzip\/\.sluice\/\.sluice\//);
});

/** Files that have the same 5 MiB of deflated data, but declare the size 0; and other files. */
function understatedZip(count: number, others: readonly ZipEntry[] = []): Buffer {
  const content = Buffer.alloc(5 * 2 ** 20, 0xff);
  const declared = { size: 0, compressedSize: content.length, localOffset: 0 };
  const entries = Array.from(
    { length: count },
    (_, at): ZipEntry => ({ name: `${at}`, method: 0, content: at === 0 ? content : '', declared }),
  );
  const zip = zipOf([...entries, ...others]);
  // The writer does not deflate a stored entry, so its method is changed afterwards.
  let at = zip.readUInt32LE(zip.length - 6);
  for (let row = 0; row < count; row++) {
    zip.writeUInt16LE(8, at + 10);
    at += 46 + zip.readUInt16LE(at + 28);
  }
  return zip;
}

/** Notes the range of each read. */
function recordReads(store: MemoryObjectStore): ByteRange[] {
  const ranges: ByteRange[] = [];
  const real = store.read.bind(store);
  store.read = (version, range, signal) => {
    ranges.push(range);
    return real(version, range, signal);
  };
  return ranges;
}

test('files that overlap and declare no bytes are rejected before any of them is inflated', async () => {
  const store = new MemoryObjectStore();
  const zip = understatedZip(1_000);
  store.set('eb-ask', 'zip/a.zip', zip);
  const ranges = recordReads(store);
  const { run, shared } = unzipActivities(store, tmpdir());
  const seen = await run(shared.inspect, { bucket: 'eb-ask', key: 'zip/a.zip' });
  assert.ok(seen.outcome === 'archive');
  await assert.rejects(run(shared.plan, { archive: seen.archive, runId: 'r' }), {
    type: 'OverlappingEntries',
    message: 'archive oss://eb-ask/zip/a.zip: its entries declare more compressed bytes than the archive has',
  });
  const dataEnd = zip.readUInt32LE(zip.length - 6);
  const inData = ranges.filter(({ start, end }) => start < dataEnd - 70_000 && end - start > 30);
  assert.deepEqual(inData, []);
});

test('while files are inflated to measure them, archives with large directories are planned', async () => {
  const store = new MemoryObjectStore();
  const largeDirectories = new AdmissionQueue({ parallel: { weight: 1 } });
  const { run, shared } = unzipActivities(store, tmpdir(), { largeDirectories });
  store.set('eb-ask', 'zip/a.zip', understatedZip(1, many(25_000)));
  store.set('eb-ask', 'zip/b.zip', zipOf(many(25_000)));
  const planOf = async (key: string) => {
    const seen = await run(shared.inspect, { bucket: 'eb-ask', key });
    assert.ok(seen.outcome === 'archive');
    return await run(shared.plan, { archive: seen.archive, runId: randomUUID() });
  };
  let planned: number | undefined;
  const real = store.read.bind(store);
  store.read = async function* (version, range, signal) {
    const isMeasured = version.key === 'zip/a.zip' && range.start === 31;
    if (isMeasured && planned === undefined) planned = (await planOf('zip/b.zip')).files;
    yield* real(version, range, signal);
  };
  await assert.rejects(planOf('zip/a.zip'), { type: 'CorruptEntry' });
  assert.equal(planned, 25_000);
  assert.equal(largeDirectories.pending, 0);
});
