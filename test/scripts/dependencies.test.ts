import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadScript } from './load.ts';

const { dependencyStamp, provideDependencies, requireNode } = await loadScript('dependencies');

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-test-dependencies-'));
  await writeFile(join(root, 'package-lock.json'), '{"a":1}');
});
after(() => rm(root, { recursive: true, force: true }));

test('dependencies are installed once, and again only after the lock file has changed', async () => {
  const installed: string[] = [];
  const install = async (folder: string): Promise<void> => {
    installed.push(folder);
    await mkdir(join(folder, 'node_modules'), { recursive: true });
  };
  assert.equal(await provideDependencies({ root, install }), true);
  assert.equal(await provideDependencies({ root, install }), false);
  await writeFile(join(root, 'package-lock.json'), '{"a":2}');
  assert.equal(await provideDependencies({ root, install }), true);
  assert.deepEqual(installed, [root, root]);
});

test('a failed installation is repeated at the next start', async () => {
  await writeFile(join(root, 'package-lock.json'), '{"a":3}');
  const install = (): Promise<void> => Promise.reject(new Error('no network'));
  await assert.rejects(provideDependencies({ root, install }), /no network/);
  await assert.rejects(provideDependencies({ root, install }), /no network/);
});

test('another major version of Node requires a new installation, another minor version does not', async () => {
  assert.equal(await dependencyStamp(root, '20.19.0'), await dependencyStamp(root, '20.30.1'));
  assert.notEqual(await dependencyStamp(root, '20.19.0'), await dependencyStamp(root, '22.1.0'));
});

for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) {
  test(`Node ${version} is new enough`, () => requireNode(version));
}
for (const version of ['18.20.0', '20.18.9', '16.0.0']) {
  test(`Node ${version} is rejected with a sentence that names both versions`, () => {
    assert.throws(() => requireNode(version), { message: new RegExp(`needs Node.js 20.19 .* ${version}`) });
  });
}
