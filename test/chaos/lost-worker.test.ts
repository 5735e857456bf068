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

test('if a worker is lost permanently in the middle of a big file, another worker completes the archive', async () => {
  const small = Array.from({ length: 3_000 }, (_, at) => ({
    name: `s/${at}`,
    content: randomBytes(9_000),
    method: 0,
  }));
  const big = randomBytes(150 * 1024 * 1024);
  await system.put('zip/lost.zip', zipOf([{ name: 'big', content: big, method: 0 }, ...small]));
  await until('some files are uploaded', async () => (await system.keys('unzip/lost/s/')).length > 100);

  const [first] = system.workers;
  await first?.kill('SIGKILL');
  const manifest = await system.manifest('lost');
  assert.equal(manifest.files, small.length + 1);
  assert.equal(sha256(await system.get('unzip/lost/big')), sha256(big));
  for (const { name, content } of small) {
    assert.equal(sha256(await system.get(`unzip/lost/${name}`)), sha256(content), name);
  }
});
