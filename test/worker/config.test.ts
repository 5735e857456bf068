import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../runtime/config.ts';
import { createScratchFolder, loadWorkerConfig } from '../../worker/config.ts';

const requiredSettings = {
  OSS_ENDPOINT: 'https://oss-cn-hangzhou.aliyuncs.com',
  OSS_ACCESSKEYID: 'id',
  OSS_ACCESSKEYSECRET: 'hunter2',
};

test('requires only the endpoint and the key of the store; other settings have defaults', () => {
  const config = loadWorkerConfig(requiredSettings);
  assert.deepEqual(
    [config.ossEndpoint, config.ossAccessKeyId, config.ossAccessKeySecret],
    [requiredSettings.OSS_ENDPOINT, 'id', 'hunter2'],
  );
  assert.deepEqual([config.zipCharsets, config.zipUnsafe], [['gb18030'], 'fail']);
});

test('accepts charsets and the policy for unsafe names in upper and lower case', () => {
  const names = { SLUICE_ZIP_CHARSET: 'GBK,Big5', SLUICE_ZIP_UNSAFE: 'STRIP' };
  const { zipCharsets, zipUnsafe } = loadWorkerConfig({ ...requiredSettings, ...names });
  assert.deepEqual([zipCharsets, zipUnsafe], [['gb18030', 'big5'], 'strip']);
});

const wrong: readonly (readonly [variable: string, value: string])[] = [
  ['OSS_ENDPOINT', 'oss-cn-hangzhou.aliyuncs.com'],
  ['OSS_ENDPOINT', ''],
  ['OSS_ACCESSKEYID', ''],
  ['OSS_ACCESSKEYSECRET', ''],
  ['PORT', '65536'],
  ['SLUICE_PARTS', '0'],
  ['SLUICE_PARTS', '1000'],
  ['SLUICE_UPLOADS', 'many'],
  ['SLUICE_ZIP_CHARSET', 'latin-2'],
  ['SLUICE_ZIP_CHARSET', 'gb18030,'],
  ['SLUICE_ZIP_UNSAFE', 'rename'],
  ['SLUICE_EVENTS_SINK', 'broker'],
  ['K_SINK', 'mailto:x'],
  ['SLUICE_QUEUES', 'unzip,mail'],
  ['SLUICE_LOG_LEVEL', 'loud'],
];

for (const [variable, value] of wrong) {
  test(`rejects ${variable}=${value} with a message that has the setting and the value`, () => {
    assert.throws(
      () => loadWorkerConfig({ ...requiredSettings, [variable]: value }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.problems.length, 1);
        assert.ok(error.message.includes(variable) && error.message.includes(value), error.message);
        assert.ok(!error.message.includes('hunter2'));
        return true;
      },
    );
  });
}

test('reports all missing settings at once', () => {
  assert.throws(
    () => loadWorkerConfig({}),
    (error) => error instanceof ConfigError && error.problems.length === 3,
  );
});

test('creates the scratch folder with its parents', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-folder-'));
  try {
    createScratchFolder(join(dir, 'a', 'b'));
    assert.ok(statSync(join(dir, 'a', 'b')).isDirectory());
    createScratchFolder(join(dir, 'a', 'b'));
    writeFileSync(join(dir, 'file'), '');
    const path = join(dir, 'file', 'scratch');
    assert.throws(
      () => createScratchFolder(path),
      (error) =>
        error instanceof Error && error.message.includes(path) && /SLUICE_SCRATCH/.test(error.message),
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('only the settings of the served queues are required', () => {
  const config = loadWorkerConfig({ SLUICE_QUEUES: 'parked, weather' });
  assert.deepEqual(config.queues, ['parked', 'weather']);
  assert.throws(() => loadWorkerConfig({ SLUICE_QUEUES: 'weather,unzip' }), /OSS_ENDPOINT is not set/);
  assert.equal(loadWorkerConfig(requiredSettings).queues, undefined);
});

test('a version of the worker has a deployment name and a build id, or neither', () => {
  const version = { TEMPORAL_DEPLOYMENT_NAME: 'sluice', TEMPORAL_WORKER_BUILD_ID: 'abc' };
  const { deployment } = loadWorkerConfig({ ...requiredSettings, ...version });
  assert.deepEqual(deployment, { deploymentName: 'sluice', buildId: 'abc' });
  assert.equal(loadWorkerConfig(requiredSettings).deployment, undefined);
  for (const [name, value] of Object.entries(version))
    assert.throws(
      () => loadWorkerConfig({ ...requiredSettings, [name]: value }),
      /TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID must be set together/,
    );
});
