import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Unavailable } from '../../../domain/errors.ts';
import { type OidcOptions, oidcCredential } from '../../../gateway/auth/oidc.ts';
import { freePort } from '../../support/free-port.ts';
import { localServer } from './local-server.ts';
import { AUDIENCE, jwk, keys, requestWithToken, SUBJECT, serveIssuer, token } from './oidc-issuer.ts';
import { distantDeadline } from './signed-push.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-oidc-'));
after(() => rmSync(dir, { recursive: true }));

const server = localServer();
const first = jwk(keys.first.publicKey, 'first');
const DISCOVERY = '/.well-known/openid-configuration';

const credential = (options: Partial<OidcOptions> = {}) =>
  oidcCredential({ issuer: server.origin(), audience: [AUDIENCE], subjects: [SUBJECT], ...options });

const check = (bearer: string, checker = credential(), deadline = distantDeadline()) =>
  checker.check(requestWithToken(bearer), deadline);

test('never fetches addresses from a token’s header', async () => {
  serveIssuer(server, [first]);
  server.paths = [];
  const header = { jku: `${server.origin()}/jku`, x5u: `${server.origin()}/x5u` };
  assert.equal(await check(token(server.origin(), {}, { header, key: keys.stranger.privateKey })), 'wrong');
  assert.deepEqual(server.paths, [DISCOVERY, '/keys']);
});

test('fetches keys once, and never for tokens of other issuers', async () => {
  serveIssuer(server, [first]);
  server.paths = [];
  const one = credential();
  for (const other of [
    token('https://other.example.com'),
    'secret',
    'a.b.c',
    token(server.origin(), {}, { header: { alg: 'HS256' } }),
  ])
    assert.equal(await check(other, one), 'wrong');
  assert.deepEqual(server.paths, []);
  await Promise.all(Array.from({ length: 20 }, () => check(token(server.origin()), one)));
  assert.deepEqual(server.paths, [DISCOVERY, '/keys']);
});

test('senders cannot cause an unlimited number of fetches of keys', async () => {
  serveIssuer(server, [first]);
  server.paths = [];
  const one = credential();
  for (let index = 0; index < 20; index++)
    assert.equal(await check(token(server.origin(), {}, { header: { kid: `k${index}` } }), one), 'wrong');
  assert.deepEqual(server.paths, [DISCOVERY, '/keys']);
});

test('fetches a new key as soon as the key set is ten seconds old; the other keys stay valid', async (t) => {
  serveIssuer(server, [first]);
  const one = credential();
  assert.equal(await check(token(server.origin()), one), 'proven');
  const next = () => token(server.origin(), {}, { header: { kid: 'next' }, key: keys.next.privateKey });
  assert.equal(await check(next(), one), 'wrong');
  const later = performance.now() + 10_001;
  t.mock.method(performance, 'now', () => later);
  server.handler = (_request, response) => void response.writeHead(500).end();
  await assert.rejects(check(next(), one), Unavailable);
  assert.equal(await check(token(server.origin()), one), 'proven');
  serveIssuer(server, [first, jwk(keys.next.publicKey, 'next')]);
  await assert.rejects(check(next(), one), Unavailable);
  t.mock.method(performance, 'now', () => later + 10_001);
  assert.equal(await check(next(), one), 'proven');
});

test('fetches a configured key set without discovery, with the token from a file', async () => {
  const file = join(dir, 'token');
  writeFileSync(file, 'of-the-pod\n');
  let authorization: string | undefined;
  serveIssuer(server, [first]);
  const serve = server.handler;
  server.handler = (request, response) => {
    authorization = request.headers.authorization;
    serve(request, response);
  };
  server.paths = [];
  const one = credential({
    issuer: 'https://kubernetes.default.svc',
    jwks: `${server.origin()}/keys`,
    token: file,
  });
  assert.equal(await check(token('https://kubernetes.default.svc'), one), 'proven');
  assert.deepEqual(server.paths, ['/keys']);
  assert.equal(authorization, 'Bearer of-the-pod');
});

const answering = (status: number, body = '', location = ''): RequestListener => {
  return (_request, response) => void response.writeHead(status, { location }).end(body);
};

const failing: readonly (readonly [name: string, arrange: () => void, pattern: RegExp])[] = [
  ['fails', () => set(answering(500)), /500/],
  ['redirects', () => set(answering(302, '', `${server.origin()}/keys`)), /302/],
  ['answers too much', () => set(answering(200, ' '.repeat(256 * 1024 + 1))), /262144 bytes/],
  ['does not answer JSON', () => set(answering(200, '<html>')), /not JSON/],
  ['answers null', () => set(answering(200, 'null')), /not the discovery document of this issuer/],
  [
    'names another issuer',
    () => serve({ issuer: 'https://other.example.com' }),
    /not the discovery document/,
  ],
  ['names a key set over plain http', () => serve({ jwks_uri: 'http://keys.example.com/' }), /jwks_uri/],
  ['names a key set with an address that is not a URL', () => serve({ jwks_uri: 'keys' }), /jwks_uri/],
  ['names no key set', () => serve({ jwks_uri: undefined }), /jwks_uri/],
  [
    'names a document that is not a key set',
    () => serve({ jwks_uri: `${server.origin()}${DISCOVERY}` }),
    /Set/,
  ],
];
const set = (handler: RequestListener): void => void Object.assign(server, { handler });
const serve = (document: Readonly<Record<string, unknown>>): void => serveIssuer(server, [first], document);

for (const [name, arrange, pattern] of failing) {
  test(`a token check is unavailable, not failed, if the issuer ${name}`, async () => {
    arrange();
    await assert.rejects(
      check(token(server.origin())),
      (error) => error instanceof Unavailable && pattern.test(error.message),
    );
  });
}

test('a token check is unavailable if the issuer is down', async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  await assert.rejects(check(token(issuer), credential({ issuer })), Unavailable);
});

test('a token check ends by the deadline if the issuer does not answer', async () => {
  server.handler = () => undefined;
  const started = performance.now();
  await assert.rejects(check(token(server.origin()), credential(), Date.now() + 100), Unavailable);
  assert.ok(performance.now() - started < 1_000);
});

test('reports an unreadable file of CA certificates, and fetches no keys', async () => {
  serveIssuer(server, [first]);
  server.paths = [];
  await assert.rejects(
    check(token(server.origin()), credential({ ca: join(dir, 'absent.crt') })),
    (error) => error instanceof Unavailable && /ENOENT/.test(error.message),
  );
  assert.deepEqual(server.paths, []);
});
