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

test('K_CA_CERTS is required and sufficient to trust a sink with a certificate of a private authority', async (t) => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cert = selfSigned({ ...keys, host: 'localhost' });
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t, { key, cert });
  const env = { ...cloud.environment, K_SINK: sink.url };
  const withoutCertificates = await startTestSource(t, env);
  await until('the source is ready', async () => (await withoutCertificates.notReadyReason()) === undefined);
  await cloud.put('110000');
  await until(
    'the event was retried',
    async () => (await withoutCertificates.metric('retries_total', 'unavailable')) > 1,
  );
  await withoutCertificates.stop();
  assert.equal(sink.requests.length, 0);

  await startTestSource(t, { ...env, K_CA_CERTS: cert.toString() });
  await until('the event has arrived', () => sink.accepted.length === 1);
  assert.deepEqual(adcodesOf(sink.accepted), ['110000']);
});

test('each event has the current token of the token file', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const file = join(await temporaryDirectory(t), 'token');
  const change = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_OIDC_TOKEN_FILE: file };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  for (const [token, expected] of [
    [undefined, undefined],
    ['first\n', 'Bearer first'],
    ['second', 'Bearer second'],
  ] as const) {
    if (token !== undefined) change(token);
    await until(`an event has arrived with ${expected}`, async () => {
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
  const writeKeys = (secret: string): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ accessKeyId: 'local', accessKeySecret: secret }));
    renameSync(`${file}.new`, file);
  };
  writeKeys('wrong');
  const env = { ...cloud.environment, K_SINK: sink.url, SLUICE_TABLESTORE_CREDENTIALS: file };
  const source = await startTestSource(t, env);
  assert.match(
    String(await source.notReadyReason()),
    /^503 the table and the tunnel are not checked yet(: .*)?$/,
  );
  writeKeys('local-secret');
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.put('110000');
  await until('the event has arrived', () => sink.accepted.length === 1);

  cloud.account.secret = 'another';
  await cloud.put('110001');
  writeKeys('another');
  await until('the change after the key rotation has arrived', () => sink.accepted.length === 2);
  assert.deepEqual(adcodesOf(sink.accepted), ['110000', '110001']);
  assert.deepEqual(source.failures, []);
});

test('the source ends at once with a message if the service does not know the key from the environment', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const env = { ...cloud.environment, K_SINK: sink.url, TABLESTORE_ACCESSKEYSECRET: 'wrong' };
  const source = await startTestSource(t, env);
  const failure = await until('the source has ended', () => source.failures[0]);
  assert.equal(
    String((failure as Error).message),
    'Tablestore rejects the key TABLESTORE_ACCESSKEYID: Signature mismatch.',
  );
});
