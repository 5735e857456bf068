import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oidcCredential } from '../../../gateway/auth/oidc.ts';
import { localServer } from './local-server.ts';
import {
  AUDIENCE,
  inSeconds,
  jwk,
  keys,
  requestWithToken,
  SUBJECT,
  serveIssuer,
  token,
} from './oidc-issuer.ts';
import { distantDeadline } from './signed-push.ts';

const server = localServer();
const first = jwk(keys.first.publicKey, 'first');

const check = (bearer: string | undefined) =>
  oidcCredential({ issuer: server.origin(), audience: [AUDIENCE], subjects: [SUBJECT] }).check(
    requestWithToken(bearer),
    distantDeadline(),
  );

const good: readonly (readonly [name: string, make: (issuer: string) => string])[] = [
  ['a token with one audience', (issuer) => token(issuer)],
  ['a token with several audiences', (issuer) => token(issuer, { aud: ['other', AUDIENCE] })],
  ['a token that expired within the clock tolerance', (issuer) => token(issuer, { exp: inSeconds(-5) })],
  ['a token that becomes valid within the clock tolerance', (issuer) => token(issuer, { nbf: inSeconds(5) })],
  ['a token without kid', (issuer) => token(issuer, {}, { header: { kid: undefined } })],
  [
    'a token signed with an elliptic curve key',
    (issuer) => token(issuer, {}, { header: { alg: 'ES256', kid: 'curve' }, key: keys.curve.privateKey }),
  ],
];
for (const [name, make] of good) {
  test(`${name} is proven`, async () => {
    serveIssuer(server, [first, jwk(keys.curve.publicKey, 'curve')]);
    assert.equal(await check(make(server.origin())), 'proven');
  });
}

const pem = keys.first.publicKey.export({ type: 'spki', format: 'pem' }) as string;
const wrong: readonly (readonly [name: string, make: (issuer: string) => string])[] = [
  ['another issuer', (issuer) => token(`${issuer}/`)],
  ['no issuer', (issuer) => token(issuer, { iss: undefined })],
  ['another audience', (issuer) => token(issuer, { aud: 'somebody-else' })],
  ['no audience', (issuer) => token(issuer, { aud: undefined })],
  ['an expiry in the past', (issuer) => token(issuer, { exp: inSeconds(-30) })],
  ['no expiry', (issuer) => token(issuer, { exp: undefined })],
  ['a start in the future', (issuer) => token(issuer, { nbf: inSeconds(60) })],
  ['no subject', (issuer) => token(issuer, { sub: undefined })],
  ['a corrupted signature', (issuer) => `${token(issuer).slice(0, -8)}AAAAAAAA`],
  [
    'changed claims with the old signature',
    (issuer) => {
      const [header, , signature] = token(issuer).split('.');
      return [header, token(issuer, { exp: inSeconds(600) }).split('.')[1], signature].join('.');
    },
  ],
  ['no signature', (issuer) => `${token(issuer).split('.').slice(0, 2).join('.')}.`],
  [
    'the algorithm "none"',
    (issuer) => {
      const [header, claims] = token(issuer, {}, { header: { alg: 'none' } }).split('.');
      return `${header}.${claims}.`;
    },
  ],
  [
    'the public key as a shared secret',
    (issuer) => token(issuer, {}, { header: { alg: 'HS256' }, secret: pem }),
  ],
  ['a stranger’s key', (issuer) => token(issuer, {}, { key: keys.stranger.privateKey })],
  [
    'a stranger’s key in its own header',
    (issuer) =>
      token(
        issuer,
        {},
        {
          header: { jwk: jwk(keys.stranger.publicKey, 'first') },
          key: keys.stranger.privateKey,
        },
      ),
  ],
  ['an unknown key', (issuer) => token(issuer, {}, { header: { kid: 'unknown' } })],
  ['an unknown critical extension', (issuer) => token(issuer, {}, { header: { crit: ['x'], x: 1 } })],
  ['text that is not a token', () => 'secret'],
  ['dots only', () => '..'],
  ['claims that are not an object', () => 'eyJhbGciOiJSUzI1NiJ9.MQ.AAAA'],
];
for (const [name, make] of wrong) {
  test(`a token with ${name} is wrong`, async () => {
    serveIssuer(server, [first]);
    assert.equal(await check(make(server.origin())), 'wrong');
  });
}

test('a token with an unlisted subject is forbidden', async () => {
  serveIssuer(server, [first]);
  for (const sub of ['system:serviceaccount:default:other', `${SUBJECT}2`, '*'])
    assert.equal(await check(token(server.origin(), { sub })), 'forbidden');
});

test('a request without a token has no credentials', async () => {
  assert.equal(await check(undefined), 'absent');
});

test('a token without kid is proven if any of several keys signed it', async () => {
  serveIssuer(server, [jwk(keys.next.publicKey, 'next'), first]);
  const header = { kid: undefined };
  assert.equal(await check(token(server.origin(), {}, { header })), 'proven');
  assert.equal(await check(token(server.origin(), {}, { header, key: keys.stranger.privateKey })), 'wrong');
});
