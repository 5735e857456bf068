import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { startActivities } from '../../support/activities.ts';
import { corpusRows } from '../../support/corpus-rows.ts';
import { filesByYauzl } from '../../support/yauzl-oracle.ts';

const zips = join(process.env.ZIP_CORPUS ?? '', 'zips');
const rows = corpusRows();

let activities: Awaited<ReturnType<typeof startActivities>>;
// Without archives no server is needed, and the test runner would not wait for `before`.
if (rows.length > 0) {
  before(async () => {
    activities = await startActivities();
  });
  after(() => activities.stop());
}

// Small archives are unpacked in one step. The integration test over the same archives tests that.
for (const { file, verdict, why } of rows) {
  test(`in parts: ${file} is ${verdict === 'OK' ? 'extracted completely' : verdict}: ${why}`, async () => {
    const bytes = readFileSync(join(zips, file));
    const name = file.replaceAll(/[^a-zA-Z0-9]/g, '-');
    const key = `zip/${name}.zip`;
    await activities.deps.store.put({ bucket: 'eb-ask', key }, bytes);
    const end = await activities.unzipInParts('eb-ask', key).then(
      () => 'OK',
      (error: unknown) => error,
    );
    const manifest = { bucket: 'eb-ask', key: `unzip/.sluice/${name}.json` };
    const written = await activities.deps.store.get(manifest, 64 * 1024 * 1024);
    if (verdict === 'OK') {
      assert.equal(end, 'OK');
      // yauzl trusts the entry count, which is wrong in this archive.
      if (!file.endsWith('incons-file-count-low.zip')) await agreesWithYauzl(bytes, written);
      return;
    }
    assert.ok(end instanceof ApplicationFailure && end.nonRetryable, `not rejected for good: ${String(end)}`);
    if (verdict !== 'rejected') assert.equal(end.type, verdict);
    assert.match(end.message, new RegExp(`^archive oss://eb-ask/${key}: `));
    assert.equal(written, undefined, 'a rejected archive has no manifest');
  });
}

/**
 * Compares the written objects with the files that yauzl reads, by number, size and CRC-32. Does nothing if yauzl cannot
 * read the archive.
 */
async function agreesWithYauzl(bytes: Buffer, manifest: Buffer | undefined): Promise<void> {
  const { objects, skipped, parts } = JSON.parse(String(manifest));
  const theirs = await filesByYauzl(bytes);
  if (theirs === undefined || parts !== undefined) return;
  const skippedFiles = skipped.filter(({ reason }: { reason: string }) => reason !== 'symlink').length;
  assert.equal(objects.length + skippedFiles, theirs.length);
  const known = new Set(theirs.map(({ size, crc32 }) => `${size} ${crc32.toString(16).padStart(8, '0')}`));
  for (const { size, crc32 } of objects) assert.ok(known.has(`${size} ${crc32}`));
}
