import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { zipOf } from '../support/zip-writer.ts';
import { prepareSluice } from './sluice.ts';

let system: System;
before(async () => {
  system = await startSystem();
});
after(async () => {
  await system.stop();
  sluice.remove();
});

const sluice = prepareSluice(() => ({
  OSS_ENDPOINT: system.ossEndpoint,
  OSS_ACCESSKEYID: 'local',
  OSS_ACCESSKEYSECRET: 'local-secret',
  SLUICE_TEMPORAL_ADDRESS: system.temporal.address,
}));

function archiveFile(name: string, archive: Buffer): string {
  const file = join(sluice.home, name);
  writeFileSync(file, archive);
  return file;
}

test('sluice unzip plan shows the objects of a file, what is skipped, and how it would be unpacked', async () => {
  const archive = zipOf([
    { name: 'a.txt', content: 'abc' },
    { name: 'link', content: 'target', mode: 0o120777 },
    { name: 'empty/' },
  ]);
  const { code, stdout } = await sluice(['unzip', 'plan', archiveFile('demo.zip', archive)]);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    [
      'would be unpacked to unzip/demo/ in one activity; files: 1, bytes: 3',
      '  unzip/demo/a.txt  3 bytes',
      'skipped: 1',
      '  link  symlink',
      'empty folders, which OSS does not have: 1',
      '',
    ].join('\n'),
  );
});

test('sluice unzip plan shows the name in the archive of an object with another name', async () => {
  const archive = zipOf([{ name: 'a/./b  "c"', content: 'x' }]);
  const { stdout } = await sluice(['unzip', 'plan', archiveFile('dots.zip', archive)]);
  assert.match(stdout, /^ {2}unzip\/dots\/a\/b "c" {2}1 bytes {2}\(in the archive: "a\/\.\/b \\"c\\""\)$/m);
});

test('sluice unzip plan prints why an archive would fail, and the policy changes the result', async () => {
  const file = archiveFile('unsafe.zip', zipOf([{ name: '../a', content: 'a' }]));
  const failed = await sluice(['unzip', 'plan', file]);
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    /UnsafeName: archive oss:\/\/bucket\/zip\/unsafe\.zip: entry "\.\.\/a" would leave/,
  );
  const stripped = await sluice(['unzip', 'plan', file, '--unsafe', 'strip', '--json']);
  assert.deepEqual(JSON.parse(stripped.stdout).objects, [{ key: 'unzip/unsafe/a', size: 1, name: '../a' }]);
  const wrong = await sluice(['unzip', 'plan', file, '--unsafe', 'rename']);
  assert.match(wrong.stderr, /--unsafe must be one of fail, skip, strip, but is "rename"/);
});

test('sluice unzip plan reads names as workers with the same settings do', async () => {
  const archive = zipOf([{ name: Buffer.from('8abf8e9a', 'hex'), content: '' }]);
  const file = archiveFile('shift-jis.zip', archive);
  const keys = async (env: Record<string, string>): Promise<string[]> => {
    const { stdout } = await sluice(['unzip', 'plan', file, '--json'], { env });
    return JSON.parse(stdout).objects.map(({ key }: { key: string }) => key);
  };
  assert.deepEqual(await keys({ SLUICE_ZIP_CHARSET: 'shift_jis' }), ['unzip/shift-jis/漢字']);
  assert.deepEqual(await keys({}), ['unzip/shift-jis/娍帤']);
  const wrong = await sluice(['unzip', 'plan', file], { env: { SLUICE_ZIP_UNSAFE: 'keep' } });
  assert.match(wrong.stderr, /SLUICE_ZIP_UNSAFE is "keep"/);
});

test('sluice unzip plan reads an object of the store, and reports a missing object and an object that is not a zip', async () => {
  const key = 'elsewhere.zip';
  await system.store.put({ bucket: BUCKET, key: `zip/.plan/${key}` }, Buffer.from('not a zip'));
  const { code, stderr } = await sluice(['unzip', 'plan', `oss://${BUCKET}/zip/missing.zip`]);
  assert.equal(code, 1);
  assert.match(stderr, /oss:\/\/eb-ask\/zip\/missing\.zip does not exist/);
  const bad = await sluice(['unzip', 'plan', `oss://${BUCKET}/zip/.plan/${key}`]);
  assert.match(
    bad.stderr,
    /NotAZip: archive oss:\/\/eb-ask\/zip\/\.plan\/elsewhere\.zip: it is not a zip archive/,
  );
});

test('sluice unzip verify compares every object with the manifest', async () => {
  await system.put(
    'zip/checked.zip',
    zipOf([
      { name: 'a', content: 'a' },
      { name: 'b', content: 'b' },
    ]),
  );
  await system.manifest('checked');
  const url = `oss://${BUCKET}/zip/checked.zip`;
  const good = await sluice(['unzip', 'verify', url]);
  assert.deepEqual([good.code, good.stderr], [0, '']);
  assert.match(good.stdout, /^all 2 objects are as the manifest unzip\/\.sluice\/checked\.json lists them$/m);
  await system.put('unzip/checked/a', Buffer.from('x'));
  await system.store.remove(BUCKET, ['unzip/checked/b']);
  const changed = await sluice(['unzip', 'verify', url]);
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /^unzip\/checked\/a {2}has the CRC-64 \d+, but the manifest says \d+$/m);
  assert.match(changed.stdout, /^unzip\/checked\/b {2}does not exist$/m);
  const none = await sluice(['unzip', 'verify', `oss://${BUCKET}/zip/none.zip`]);
  assert.match(none.stderr, /is not unpacked: there is no manifest/);
});

test('sluice unzip verify fails if the archive has another version than the manifest, and accepts a deleted archive', async () => {
  const key = 'zip/replaced.zip';
  const url = `oss://${BUCKET}/${key}`;
  await system.put(key, zipOf([{ name: 'a', content: 'a' }]));
  const { source } = await system.manifest('replaced');
  assert.ok(source);
  const bad = zipOf([{ name: 'a', content: 'b', declared: { crc32: 1 } }]);
  await system.put(key, bad);
  const etag = createHash('md5').update(bad).digest('hex').toUpperCase();
  const replaced = await sluice(['unzip', 'verify', url]);
  assert.equal(replaced.code, 1);
  assert.equal(
    replaced.stdout,
    [
      'all 1 objects are as the manifest unzip/.sluice/replaced.json lists them',
      `the archive ${url} is not unpacked: it has version ${etag}, but the manifest is of version ${source.etag}`,
      '',
    ].join('\n'),
  );
  const json = await sluice(['unzip', 'verify', url, '--json']);
  assert.deepEqual(
    [json.code, JSON.parse(json.stdout)],
    [1, { archive: 'replaced', objects: 1, differences: [] }],
  );
  await system.store.remove(BUCKET, [key]);
  const deleted = await sluice(['unzip', 'verify', url]);
  assert.equal(deleted.code, 0, deleted.stderr);
  assert.match(deleted.stdout, /^all 1 objects are as .*\nthe archive oss:\S* does not exist any more\n$/);
});

test('sluice unzip release lets an archive with another key use a destination', async () => {
  await system.put('zip/held.zip', zipOf([{ name: 'a', content: 'a' }]));
  await system.manifest('held');
  const released = await sluice(['unzip', 'release', `oss://${BUCKET}/unzip/held`]);
  assert.equal(released.code, 0, released.stderr);
  assert.match(released.stdout, /^released unzip\/held\/: deleted the manifest/);
  await system.put('zip/held.ZIP', zipOf([{ name: 'b', content: 'b' }]));
  assert.equal((await system.manifest('held')).files, 1);
  assert.deepEqual(await system.keys('unzip/held/'), ['unzip/held/a', 'unzip/held/b']);
  const free = await sluice(['unzip', 'release', `oss://${BUCKET}/unzip/free/`]);
  assert.match(free.stdout, /^unzip\/free\/ is free: it has no manifest$/m);
  const wrong = await sluice(['unzip', 'release', `oss://${BUCKET}/zip/held.zip`]);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
});

const wrongUse: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
  [['plan', 'nothing.zip', '--unsafe', 'nope'], /^sluice unzip: cannot read nothing\.zip/],
  [['plan', tmpdir()], /^sluice unzip: cannot read \S+: it is a folder$/m],
  [['verify', `oss://${BUCKET}/zip/.zip`], /^sluice unzip: archive oss:\/\/eb-ask\/zip\/\.zip: its name/],
  [['release', `oss://${BUCKET}/unzip/cm//ok`], /^sluice unzip: archive .*: its path has an empty/],
  [['release', `oss://${BUCKET}/unzip/.sluice`], /^sluice unzip: archive .*: zip\/\.sluice is reserved/],
  [['plan', 'oss://no-such-bucket/zip/a.zip'], /^sluice unzip: NoSuchBucket: /],
  [['verify', 'oss://no-such-bucket/zip/a.zip'], /^sluice unzip: NoSuchBucket: /],
];
for (const [args, sentence] of wrongUse) {
  test(`sluice unzip ${args.join(' ')} prints one sentence`, async () => {
    const { code, stderr } = await sluice(['unzip', ...args]);
    assert.ok(code === 1 || code === 2, String(code));
    assert.match(stderr, sentence);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  });
}

test('sluice unzip plan rejects an invalid policy as incorrect usage, with exit code 2', async () => {
  const file = archiveFile('policy.zip', zipOf([{ name: 'a' }]));
  const { code, stderr } = await sluice(['unzip', 'plan', file, '--unsafe', 'nope']);
  assert.equal(code, 2);
  assert.match(stderr, /--unsafe must be one of fail, skip, strip, but is "nope"/);
});

const noManifests = ['{', '{}', 'null', '[]', '{"source":{"key":"zip/odd.zip"},"files":0}'];
for (const [at, body] of noManifests.entries())
  test(`sluice unzip verify prints one sentence if the manifest is ${body}`, async () => {
    await system.put(`unzip/.sluice/odd-${at}.json`, Buffer.from(body));
    const { code, stdout, stderr } = await sluice(['unzip', 'verify', `oss://${BUCKET}/zip/odd-${at}.zip`]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `sluice unzip: unzip/.sluice/odd-${at}.json is not a manifest of Sluice\n`);
  });

test('sluice unzip verify prints each text of a manifest on one line', async () => {
  const hostile = 'x\nall 1 objects are as the manifest\u001b[2K';
  const list = {
    ...{ version: 1, source: { bucket: BUCKET, key: 'zip/lines.zip', etag: hostile } },
    ...{ files: 1, objects: [{ key: 'unzip/lines/a', size: 1, crc64: hostile }] },
  };
  await system.put('unzip/lines/a', Buffer.from('a'));
  await system.put('unzip/.sluice/lines.json', Buffer.from(JSON.stringify(list)));
  const verify = () => sluice(['unzip', 'verify', `oss://${BUCKET}/zip/lines.zip`]);
  const { code, stdout } = await verify();
  assert.equal(code, 1);
  const [line = '', ...others] = stdout.trim().split('\n');
  assert.match(
    line,
    /^unzip\/lines\/a {2}has the CRC-64 \d+, but the manifest says x all 1 objects .*\ufffd\[2K$/,
  );
  assert.equal(others.length, 2);
  const other = { ...list, source: { ...list.source, key: hostile } };
  await system.put('unzip/.sluice/lines.json', Buffer.from(JSON.stringify(other)));
  assert.equal((await verify()).stderr.trim().split('\n').length, 1);
});

test('sluice unzip verify fails if a list of a large archive is missing', async () => {
  const manifest = {
    ...{ version: 1, source: { bucket: BUCKET, key: 'zip/large-list.zip', etag: 'E' }, event: null },
    ...{ files: 2, bytes: 2, parts: ['unzip/.sluice/.sluice/x/part-0.ndjson'], skipped: [] },
  };
  await system.put('unzip/.sluice/large-list.json', Buffer.from(JSON.stringify(manifest)));
  const verify = () => sluice(['unzip', 'verify', `oss://${BUCKET}/zip/large-list.zip`]);
  const missing = await verify();
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /part-0\.ndjson, which unzip\/\.sluice\/large-list\.json refers to, does not exist/,
  );
  await system.put('unzip/.sluice/.sluice/x/part-0.ndjson', Buffer.from('no list\n'));
  const damaged = await verify();
  assert.equal(damaged.code, 1);
  assert.match(damaged.stderr, /part-0\.ndjson, which \S+ refers to, is not a list of objects\n$/);
  await system.put(
    'unzip/.sluice/.sluice/x/part-0.ndjson',
    Buffer.from('{"key":"unzip/large-list/a","size":1}\n'),
  );
  const short = await verify();
  assert.match(short.stderr, /large-list\.json lists 1 objects, but counts 2/);
});

test('sluice unzip release deletes all lists of the destination, so that the next archive deletes no object', async () => {
  await system.put('zip/released.zip', zipOf([{ name: 'a', content: 'a' }]));
  const { source } = await system.manifest('released');
  assert.ok(source);
  const path = createHash('sha256').update('released').digest('hex').slice(0, 32);
  await system.put(
    `unzip/.sluice/.sluice/${path}/old/part-000000.ndjson`,
    Buffer.from('"unzip/released/a"\n'),
  );
  const { code } = await sluice(['unzip', 'release', `oss://${BUCKET}/unzip/released`]);
  assert.equal(code, 0);
  await system.put('zip/released.ZIP', zipOf([{ name: 'b', content: 'b' }]));
  await system.manifest('released');
  assert.deepEqual(await system.keys('unzip/released/'), ['unzip/released/a', 'unzip/released/b']);
});
