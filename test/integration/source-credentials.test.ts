import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../gateway/auth/self-signed.ts';
import { temporaryDirectory } from '../local/local-cloud.ts';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

test('a sink with a certificate of the platform’s own authority is trusted by K_CA_CERTS, and only by it', async (t) => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cert = selfSigned({ ...keys, host: 'localhost' });
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t, { key, cert });
  const env = { ...cloud.environment, K_SINK: sink.url };
  const wary = await startTestSource(t, env);
  await until('the source is ready', async () => (await wary.notReady()) === undefined);
  await cloud.put('110000');
  await until('it was tried', async () => (await wary.metric('retries_total', 'unavailable')) > 1);
  await wary.stop();
  assert.equal(sink.requests.length, 0);

  await startTestSource(t, { ...env, K_CA_CERTS: cert.toString() });
  await until('it has come', () => sink.accepted.length === 1);
  assert.deepEqual(adcodesOf(sink.accepted), ['110000']);
});

test('the token in the platform’s file goes with each event, and a new one from then on', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const file = join(await temporaryDirectory(t), 'token');
  const change = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_OIDC_TOKEN_FILE: file };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  for (const [token, expected] of [
    [undefined, undefined],
    ['first\n', 'Bearer first'],
    ['second', 'Bearer second'],
  ] as const) {
    if (token !== undefined) change(token);
    await until(`an event has come with ${expected}`, async () => {
      await cloud.put('110000');
      const last = sink.accepted.at(-1);
      return last !== undefined && last.headers.authorization === expected;
    });
  }
});

test('new keys in the credentials file are used without a restart', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const file = join(await temporaryDirectory(t), 'keys.json');
  const keys = (secret: string): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ accessKeyId: 'local', accessKeySecret: secret }));
    renameSync(`${file}.new`, file);
  };
  keys('wrong');
  const env = { ...cloud.environment, K_SINK: sink.url, SLUICE_TABLESTORE_CREDENTIALS: file };
  const source = await startTestSource(t, env);
  assert.match(String(await source.notReady()), /^503 table and tunnel could not be looked at yet(: .*)?$/);
  keys('local-secret');
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  await cloud.put('110000');
  await until('it has come', () => sink.accepted.length === 1);

  cloud.account.secret = 'another';
  await cloud.put('110001');
  keys('another');
  await until('what changed after the key did has come', () => sink.accepted.length === 2);
  assert.deepEqual(adcodesOf(sink.accepted), ['110000', '110001']);
  assert.deepEqual(source.failures, []);
});

test('a key of the environment that the service does not know ends the source at once, with a sentence', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const env = { ...cloud.environment, K_SINK: sink.url, TABLESTORE_ACCESSKEYSECRET: 'wrong' };
  const source = await startTestSource(t, env);
  const failure = await until('it has ended', () => source.failures[0]);
  assert.equal(
    String((failure as Error).message),
    'Tablestore refuses TABLESTORE_ACCESSKEYID: Signature mismatch.',
  );
});
