import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem({ workers: 2 });
});
after(() => system.stop());

const sha256 = (bytes: Buffer | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

test('a worker that continues after it was frozen does not damage the archive that another worker has unpacked', async () => {
  const [first, second] = system.workers;
  await first?.stop();
  const files = Array.from({ length: 3_000 }, (_, at) => ({
    name: `f/${at}`,
    content: randomBytes(9_000),
    method: 0,
  }));
  await system.put('zip/frozen.zip', zipOf(files));
  await until('some files are uploaded', async () => (await system.keys('unzip/frozen/')).length > 100);
  await second?.kill('SIGSTOP');
  await first?.start();
  const manifest = await system.manifest('frozen', 120_000);
  await second?.kill('SIGCONT');
  assert.equal(manifest.files, files.length);
  for (const { name, content } of files) {
    assert.equal(sha256(await system.get(`unzip/frozen/${name}`)), sha256(content), name);
  }
});
