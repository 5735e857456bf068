import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { post, postUntilAdmitted, putObjectEvent } from '../support/events.ts';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { waitForRunEnd } from '../support/wait-for-run-end.ts';
import { type ZipEntry, zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem();
});
after(() => system.stop());

const sha256 = (bytes: Buffer | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

test('every file of an archive is published with its content, also with Chinese names, and the manifest lists them', async () => {
  const files: Record<string, Buffer> = {
    'readme.txt': Buffer.from('hello'),
    '北京/天气.txt': Buffer.from('晴'.repeat(1_000)),
    'empty.txt': Buffer.alloc(0),
    'deep/er/and/deeper.bin': randomBytes(300_000),
    'two megabytes.bin': randomBytes(2_000_000),
  };
  const entries = Object.entries(files).map(([name, content]): ZipEntry => ({ name, content }));
  await system.put('zip/first/demo.zip', zipOf([{ name: '北京/' }, ...entries]));
  const manifest = await system.manifest('first/demo');

  assert.equal(manifest.files, 5);
  assert.deepEqual(
    await system.keys('unzip/first/'),
    Object.keys(files)
      .map((name) => `unzip/first/demo/${name}`)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  for (const [name, content] of Object.entries(files)) {
    assert.equal(sha256(await system.get(`unzip/first/demo/${name}`)), sha256(content), name);
  }
  for (const { key, crc64 } of manifest.objects ?? []) {
    assert.equal((await system.store.head({ bucket: BUCKET, key }))?.crc64, crc64);
  }
  const { status, workflowId } = await waitForRunEnd(system, 'zip/first/demo.zip');
  assert.equal(status, 'completed');
  const run = await system.client.workflow.getHandle(workflowId).describe();
  assert.deepEqual(run.searchAttributes.Phase, ['done']);
  assert.deepEqual(run.searchAttributes.Bucket, [BUCKET]);
  assert.equal((run.memo as { event: { id: string } }).event.id, manifest.event?.id);
  const progress = await system.client.workflow.getHandle(workflowId).query('progress');
  assert.deepEqual(progress, {
    phase: 'done',
    done: 5,
    total: 5,
    unit: 'files',
    failed: 0,
    note: 'completed',
  });
});

test('names in GBK without a flag and in UTF-8 without a flag are decoded correctly', async () => {
  const gbk = Buffer.from('d6d0cec42fcec4bcfe2e747874', 'hex'); // 中文/文件.txt
  await system.put('zip/gbk.zip', zipOf([{ name: gbk, content: 'gbk', flags: 0 }]));
  await system.put('zip/osx.zip', zipOf([{ name: '中文/文件.txt', content: 'utf8', flags: 0 }]));
  await system.manifest('gbk');
  await system.manifest('osx');
  assert.equal(String(await system.get('unzip/gbk/中文/文件.txt')), 'gbk');
  assert.equal(String(await system.get('unzip/osx/中文/文件.txt')), 'utf8');
});

test("if the only top-level entry is a directory with the archive's name, that directory is removed", async () => {
  await system.put('zip/flat.zip', zipOf([{ name: 'flat/' }, { name: 'flat/a.txt', content: 'a' }]));
  await system.put(
    'zip/kept.zip',
    zipOf([
      { name: 'kept/a.txt', content: 'a' },
      { name: 'b.txt', content: 'b' },
    ]),
  );
  await system.manifest('flat');
  await system.manifest('kept');
  assert.deepEqual(await system.keys('unzip/flat/'), ['unzip/flat/a.txt']);
  assert.deepEqual(await system.keys('unzip/kept/'), ['unzip/kept/b.txt', 'unzip/kept/kept/a.txt']);
});

test('an empty archive completes without objects, and symbolic links and duplicate names are reported', async () => {
  await system.put('zip/empty.zip', zipOf([]));
  await system.put(
    'zip/odd.ZIP',
    zipOf([
      { name: 'link', content: 'target', mode: 0o120777 },
      { name: 'twice.txt', content: 'first' },
      { name: 'twice.txt', content: 'last' },
    ]),
  );
  assert.equal((await system.manifest('empty')).files, 0);
  const odd = await system.manifest('odd');
  assert.equal(odd.files, 1);
  assert.deepEqual(odd.skipped, [
    { name: 'link', reason: 'symlink' },
    { name: 'twice.txt', reason: 'duplicate' },
  ]);
  assert.equal(String(await system.get('unzip/odd/twice.txt')), 'last');
});

test('100 concurrent copies of an event, and one more after completion, start one run', async () => {
  const body = zipOf([{ name: 'once.txt', content: 'once' }]);
  await system.put('zip/.hidden/once.bin', body);
  await system.store.put({ bucket: BUCKET, key: 'elsewhere/once.zip' }, body);
  const event = putObjectEvent('zip/none/once.zip', { id: 'the-same' });
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => postUntilAdmitted(system.gateway, event)),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
  const end = await waitForRunEnd(system, 'zip/none/once.zip');
  assert.equal(end.status, 'superseded');
  assert.match(end.message, /does not exist any more$/);
  assert.equal((await postUntilAdmitted(system.gateway, event)).status, 202);
  const query = `WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/none/once.zip:'`;
  assert.equal((await system.client.workflow.count(query)).count, 1);
});

test('an event about a replaced version is superseded, and a key that is not an archive is ignored', async () => {
  await system.put('zip/newer.zip', zipOf([{ name: 'n', content: 'n' }]));
  await system.manifest('newer');
  const old = putObjectEvent('zip/newer.zip', {
    id: 'old-version',
    eTag: '0123456789ABCDEF0123456789ABCDEF',
  });
  await post(system.gateway, old);
  await post(system.gateway, putObjectEvent('zip/photo.jpg', { id: 'a-photo' }));
  const outcome = async (id: string): Promise<string> => {
    const query = `EventId = '${id}'`;
    const run = await until(id, async () => {
      for await (const found of system.client.workflow.list({ query })) return found;
      return undefined;
    });
    const result = await system.client.workflow.getHandle(run.workflowId).result();
    return (result as { outcome: string }).outcome;
  };
  assert.equal(await outcome('old-version'), 'superseded');
  assert.equal(await outcome('a-photo'), 'ignored');
});

test('a new version overwrites the files of the old version, and deletes those that it does not have', async () => {
  await system.put(
    'zip/v.zip',
    zipOf([
      { name: 'a', content: '1' },
      { name: 'b', content: '1' },
    ]),
  );
  const first = await system.manifest('v');
  await system.put(
    'zip/v.zip',
    zipOf([
      { name: 'b', content: '2' },
      { name: 'c', content: '2' },
    ]),
  );
  await until('the second version is published', async () => {
    const now = await system.manifest('v');
    return now.source.etag !== first.source.etag;
  });
  assert.deepEqual(await system.keys('unzip/v/'), ['unzip/v/b', 'unzip/v/c']);
  assert.equal(String(await system.get('unzip/v/b')), '2');
  await until(
    'no run objects remain',
    async () => (await system.keys('unzip/.sluice/.sluice/')).length === 0,
  );
});

test('a file that is too big for a normal part is processed in windows and arrives complete', async () => {
  const zeros = Buffer.alloc(150 * 1024 * 1024);
  const noise = randomBytes(40 * 1024 * 1024);
  await system.put(
    'zip/big.zip',
    zipOf([
      { name: 'zeros', content: zeros },
      { name: 'noise', content: noise, method: 0 },
      { name: 'small', content: 's' },
    ]),
  );
  const manifest = await system.manifest('big');
  assert.equal(manifest.files, 3);
  assert.equal(sha256(await system.get('unzip/big/zeros')), sha256(zeros));
  assert.equal(sha256(await system.get('unzip/big/noise')), sha256(noise));
  assert.equal(String(await system.get('unzip/big/small')), 's');
});

test('an archive that arrives in two appends, or as the file of a form, is unpacked', async () => {
  const archive = zipOf([{ name: 'a.txt', content: 'a'.repeat(500) }]);
  const url = `${system.ossEndpoint}/${BUCKET}`;
  const append = async (position: number, body: Buffer): Promise<number> =>
    (await fetch(`${url}/zip/appended.zip?append&position=${position}`, { method: 'POST', body })).status;
  assert.equal(await append(0, archive.subarray(0, 100)), 200);
  assert.equal(await append(100, archive.subarray(100)), 200);
  assert.equal((await system.manifest('appended')).files, 1);

  const form = new FormData();
  form.set('key', `zip/${'$'}{filename}`);
  form.set('file', new Blob([archive]), 'posted.zip');
  assert.equal((await fetch(url, { method: 'POST', body: form })).status, 204);
  assert.equal((await system.manifest('posted')).files, 1);
  assert.equal(String(await system.get('unzip/posted/a.txt')), 'a'.repeat(500));
});
