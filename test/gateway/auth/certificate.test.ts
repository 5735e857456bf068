import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { fetchedCertificates, readCertificate } from '../../../gateway/auth/certificate.ts';
import { type FetchDocument, fetchDocument } from '../../../gateway/auth/fetch-document.ts';
import { until } from '../../support/until.ts';
import { localServer } from './local-server.ts';
import { selfSigned } from './self-signed.ts';
import { CERTIFICATE, eventBridgeKeys } from './signed-push.ts';

const server = localServer();
const pem = selfSigned(eventBridgeKeys);

/** Fetches from the local server instead of the vendor's host, with the limits of the caller. */
const fetchFromServer: FetchDocument = (url, limits) =>
  fetchDocument(new URL(url.pathname + url.search, server.origin()), limits);

const certificates = () => fetchedCertificates(['cn-hangzhou', 'cn-beijing'], fetchFromServer);

for (const address of [
  CERTIFICATE,
  'https://cn-beijing-eventbridge.oss-accelerate.aliyuncs.com/a/b.pem?v=1',
  'https://cn-hangzhou-eventbridge.oss-cn-hangzhou.aliyuncs.com/x509_public_certificate_2021012101.pem',
  'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com:443/x.pem',
  'https://CN-HANGZHOU-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
]) {
  test(`fetches a certificate from EventBridge’s own bucket: ${address}`, async () => {
    server.handler = (_request, response) => void response.end(pem);
    const certificate = await certificates()(address);
    assert.ok(certificate?.key.equals(eventBridgeKeys.publicKey));
  });
}

for (const address of [
  'http://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com.evil.com/x.pem',
  'https://evil.com/cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://x-eventbridge.oss-cn-hangzhou.aliyuncs.com/x.pem',
  'https://x-cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://evil.cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://cn-shanghai-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://cn-hangzhou-eventbridge.oss-cn-beijing.aliyuncs.com/x.pem',
  'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com./x.pem',
  'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com:8443/x.pem',
  'https://user@cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://:secret@cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com@evil.com/x.pem',
  'https://evil.com\\@cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://evil.com#@cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x.pem',
  'https://127.0.0.1/x.pem',
  'file:///etc/passwd',
  'x.pem',
  '',
]) {
  test(`fetches nothing from another address: ${address || 'no address'}`, async () => {
    server.paths = [];
    assert.equal(await certificates()(address), undefined);
    assert.deepEqual(server.paths, []);
  });
}

const failing: readonly (readonly [name: string, handler: typeof server.handler, pattern: RegExp])[] = [
  ['a redirect', (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end(), /302/],
  ['404', (_, response) => void response.writeHead(404).end(pem), /404/],
  ['500', (_, response) => void response.writeHead(500).end(), /500/],
  ['a too large answer', (_, response) => void response.end(Buffer.alloc(64 * 1024 + 1, 'x')), /65536 bytes/],
  ['HTML', (_, response) => void response.end('<html>'), /X\.509/],
  [
    'a truncated answer',
    (_, response) => void response.writeHead(200, { 'content-length': 9 }).destroy(),
    /x509/,
  ],
];
for (const [name, handler, pattern] of failing) {
  test(`a certificate is unavailable if the server answers with ${name}`, async () => {
    server.handler = handler;
    server.paths = [];
    await assert.rejects(
      certificates()(CERTIFICATE),
      (error) => error instanceof Unavailable && pattern.test(error.message),
    );
    assert.deepEqual(server.paths, ['/x509_2026.pem']);
  });
}

test('gives up after two seconds if the server does not answer', async () => {
  server.handler = () => undefined;
  const started = performance.now();
  await assert.rejects(certificates()(CERTIFICATE), Unavailable);
  const took = performance.now() - started;
  assert.ok(took > 1_900 && took < 4_000, `${took} ms`);
});

test('gives up after two seconds if the server answers byte by byte', async () => {
  const timers: NodeJS.Timeout[] = [];
  server.handler = (_request, response) => {
    response.writeHead(200);
    timers.push(setInterval(() => response.write('x'), 50));
  };
  const started = performance.now();
  await assert.rejects(certificates()(CERTIFICATE), Unavailable);
  for (const timer of timers) clearInterval(timer);
  assert.ok(performance.now() - started < 4_000);
});

test('fetches a certificate once for concurrent and later callers', async () => {
  server.paths = [];
  let answer = (): void => undefined;
  server.handler = (_request, response) => {
    answer = () => void response.end(pem);
  };
  const find = certificates();
  const all = Promise.all(Array.from({ length: 20 }, () => find(CERTIFICATE)));
  await until('the server has a request', () => server.paths.length > 0);
  answer();
  assert.equal(new Set(await all).size, 1);
  await find(`${CERTIFICATE}#again`);
  assert.deepEqual(server.paths, ['/x509_2026.pem']);
});

const small = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
for (const [name, bytes] of [
  ['nothing', Buffer.alloc(0)],
  ['a public key', eventBridgeKeys.publicKey.export({ type: 'spki', format: 'pem' }) as string],
  ['a broken certificate', pem.subarray(0, 300)],
  ['a key on an elliptic curve', selfSigned({ ...eventBridgeKeys, publicKey: curve.publicKey })],
  ['a key with the exponent 3', selfSigned(small)],
] as const) {
  test(`rejects as a certificate: ${name}`, () => {
    assert.throws(() => readCertificate(Buffer.from(bytes as string)), InvalidInput);
  });
}

test('reads a certificate’s dates to the second', () => {
  const from = Date.UTC(2026, 0, 1, 2, 3, 4);
  const to = Date.UTC(2061, 10, 9, 20, 30, 40);
  const { key, ...dates } = readCertificate(selfSigned({ ...eventBridgeKeys, from, to }));
  assert.deepEqual(dates, { validFromMs: from, validToMs: to });
});

test('other addresses neither displace nor delay the certificate that has proven a signature', async () => {
  let hangs = false;
  server.handler = (request, response) => {
    if (!hangs || request.url === '/x509_2026.pem') response.end(pem);
  };
  const lookUp = certificates();
  await lookUp(CERTIFICATE);
  lookUp.confirm?.(CERTIFICATE);
  for (let version = 0; version < 20; version++) await lookUp(`${CERTIFICATE}?v=${version}`);
  hangs = true;
  server.paths = [];
  const others = Array.from({ length: 4 }, (_, number) =>
    lookUp(`${CERTIFICATE}?w=${number}`).catch((error: unknown) => error),
  );
  await until('all fetches of other addresses hang', () => server.paths.length === 4);
  assert.ok((await lookUp(CERTIFICATE))?.key.equals(eventBridgeKeys.publicKey));
  for (const result of await Promise.all(others)) assert.ok(result instanceof Unavailable);
});

test('at most 16 addresses are protected from being displaced', async () => {
  server.handler = (_request, response) => response.end(pem);
  const lookUp = certificates();
  const addressOf = (name: string): string => `${CERTIFICATE}?${name}`;
  for (let n = 1; n <= 17; n++) {
    await lookUp(addressOf(`confirmed=${n}`));
    lookUp.confirm?.(addressOf(`confirmed=${n}`));
  }
  // A protected address is in a cache of its own, into which it is fetched once more.
  for (let n = 1; n <= 16; n++) await lookUp(addressOf(`confirmed=${n}`));
  for (let n = 1; n <= 16; n++) await lookUp(addressOf(`other=${n}`));
  server.paths = [];
  for (let n = 1; n <= 17; n++) await lookUp(addressOf(`confirmed=${n}`));
  assert.deepEqual(server.paths, ['/x509_2026.pem?confirmed=17']);
});
