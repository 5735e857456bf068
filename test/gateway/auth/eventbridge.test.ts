import assert from 'node:assert/strict';
import { constants, createHmac, privateEncrypt, publicDecrypt } from 'node:crypto';
import { test } from 'node:test';
import { pinnedCertificate, readCertificate } from '../../../gateway/auth/certificate.ts';
import type { RequestWithCredentials } from '../../../gateway/auth/credentials.ts';
import { type EventBridgeOptions, eventBridgeCredential } from '../../../gateway/auth/eventbridge.ts';
import { fixedTokens } from '../../../runtime/bearer-tokens.ts';
import { selfSigned } from './self-signed.ts';
import {
  BODY,
  CERTIFICATE,
  distantDeadline,
  eventBridgeKeys,
  otherKeys,
  signedPush,
  TARGET,
  withHeaders,
} from './signed-push.ts';

const certificates = pinnedCertificate(readCertificate(selfSigned(eventBridgeKeys)));

async function check(request: RequestWithCredentials, options: Partial<EventBridgeOptions> = {}) {
  const credential = eventBridgeCredential({
    ...{ url: TARGET, versions: ['v1', 'v2'] as const, certificates },
    ...options,
  });
  const status = await credential.check(request, distantDeadline());
  return typeof status === 'function' ? status(request.body) : status;
}

const at = (offsetMs: number): string => String(Date.now() + offsetMs);

for (const version of ['v1', 'v2'] as const) {
  for (const ending of ['', '\n'] as const) {
    for (const tokens of [{}, { token: 'of the rule' }, { emptyTokenLine: true }]) {
      const form = JSON.stringify({ ending, ...tokens });
      test(`a signature of ${version} in the form ${form} is proven`, async () => {
        const request = signedPush({ versions: [version], ending, ...tokens });
        assert.equal(await check(request), 'proven');
      });
    }
  }

  test(`a signature of ${version} may be up to one minute old or ahead`, async () => {
    assert.equal(await check(signedPush({ versions: [version], timestamp: at(-58_000) })), 'proven');
    assert.equal(await check(signedPush({ versions: [version], timestamp: at(58_000) })), 'proven');
  });

  test(`a signature of ${version} is ignored if only the other version is accepted`, async () => {
    const other = version === 'v1' ? 'v2' : 'v1';
    assert.equal(await check(signedPush({ versions: [version] }), { versions: [other] }), 'absent');
  });

  const good = signedPush({ versions: [version], token: 'of the rule' });
  const signature = version === 'v1' ? 'x-eventbridge-signature' : 'x-eventbridge-signature-v2';
  const method = version === 'v1' ? 'x-eventbridge-signature-method' : 'x-eventbridge-hash-method';
  const flipped = String(good.headers[signature]).replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));

  const wrong: readonly (readonly [name: string, request: RequestWithCredentials])[] = [
    ['a changed byte of the body', { ...good, body: Buffer.from(BODY.replace('"1"', '"2"')) }],
    ['a missing byte of the body', { ...good, body: good.body.subarray(0, -1) }],
    ['two line feeds after the body', { ...good, body: Buffer.concat([good.body, Buffer.from('\n\n')]) }],
    ['another target', signedPush({ versions: [version], url: 'https://sluice.example.com/unzip' })],
    ['another key', signedPush({ versions: [version], key: otherKeys.privateKey })],
    ['a timestamp 61 s ago', signedPush({ versions: [version], timestamp: at(-61_000) })],
    ['a timestamp 61 s ahead', signedPush({ versions: [version], timestamp: at(61_000) })],
    ['seconds instead of milliseconds', signedPush({ versions: [version], timestamp: at(0).slice(0, -3) })],
    ['a timestamp that is not a number', signedPush({ versions: [version], timestamp: '1e13' })],
    ['another timestamp', withHeaders(good, { 'x-eventbridge-signature-timestamp': at(1) })],
    ['no timestamp', withHeaders(good, { 'x-eventbridge-signature-timestamp': undefined })],
    ['another version', withHeaders(good, { 'x-eventbridge-signature-version': '2.0' })],
    ['another version that is signed', signedPush({ versions: [version], version: '2.0' })],
    ['no version', withHeaders(good, { 'x-eventbridge-signature-version': undefined })],
    ['another address', withHeaders(good, { 'x-eventbridge-signature-url': `${CERTIFICATE}#` })],
    ['another token', withHeaders(good, { 'x-eventbridge-signature-token': 'of the rul' })],
    ['the token removed', withHeaders(good, { 'x-eventbridge-signature-token': undefined })],
    [
      'a token added',
      withHeaders(signedPush({ versions: [version] }), { 'x-eventbridge-signature-token': 't' }),
    ],
    ['another algorithm', withHeaders(good, { [method]: 'MD5' })],
    ['another algorithm that is signed', signedPush({ versions: [version], method: 'HMAC-SHA256' })],
    ['no algorithm', withHeaders(good, { [method]: undefined })],
    ['another signature', withHeaders(good, { [signature]: flipped })],
    ['a truncated signature', withHeaders(good, { [signature]: 'AAAA' })],
    ['a signature that is not base64', withHeaders(good, { [signature]: `${good.headers[signature]}!` })],
    ['an empty signature', withHeaders(good, { [signature]: '' })],
  ];
  for (const [name, request] of wrong) {
    test(`a signature of ${version} is wrong with ${name}`, async () => {
      assert.equal(await check(good), 'proven');
      assert.equal(await check(request), 'wrong');
    });
  }
}

const v1 = signedPush({ versions: ['v1'] });
for (const [name, secret] of [
  ['no secret', undefined],
  ['a secret that is not base64', '***'],
  ['a secret that is too long', Buffer.alloc(400, 7).toString('base64')],
  ['a secret that no key encrypted', Buffer.alloc(256, 7).toString('base64')],
  [
    'the secret of another key',
    String(
      signedPush({ versions: ['v1'], key: otherKeys.privateKey }).headers['x-eventbridge-signature-secret'],
    ),
  ],
] as const) {
  test(`a signature of v1 is wrong with ${name}`, async () => {
    assert.equal(await check(withHeaders(v1, { 'x-eventbridge-signature-secret': secret })), 'wrong');
  });
}

test('a request with a valid v1 signature and a wrong v2 signature is wrong', async () => {
  const both = signedPush({ versions: ['v1', 'v2'] });
  assert.equal(await check(both), 'proven');
  const broken = {
    'x-eventbridge-signature-v2': signedPush({ body: '{}' }).headers['x-eventbridge-signature-v2'],
  };
  assert.equal(await check({ ...both, headers: { ...both.headers, ...broken } }), 'wrong');
  assert.equal(await check(withHeaders(both, { 'x-eventbridge-signature-v2': undefined })), 'wrong');
  assert.equal(await check(withHeaders(both, { 'x-eventbridge-hash-method': undefined })), 'wrong');
});

test('if only v1 is accepted, a v2 signature that is present must be valid, too', async () => {
  const versions = ['v1'] as const;
  const both = signedPush({ versions: ['v1', 'v2'] });
  assert.equal(await check(both, { versions }), 'proven');
  const broken = {
    'x-eventbridge-signature-v2': signedPush({ body: '{}' }).headers['x-eventbridge-signature-v2'],
  };
  assert.equal(await check({ ...both, headers: { ...both.headers, ...broken } }, { versions }), 'wrong');
});

const v2Header = 'x-eventbridge-signature-v2';
for (const [name, info] of [
  ['a byte after the digest', (signed: Buffer) => Buffer.concat([signed, Buffer.alloc(1)])],
  ['a byte before the digest', (signed: Buffer) => Buffer.concat([Buffer.alloc(1), signed])],
  ['a digest that is too short', (signed: Buffer) => signed.subarray(0, -1)],
  ['a digest without the name of its algorithm', (signed: Buffer) => signed.subarray(-32)],
  ['no digest', () => Buffer.alloc(0)],
] as const)
  test(`a signature of v2 is wrong with ${name}`, async () => {
    const encrypt = (plain: Buffer): string =>
      privateEncrypt(
        { key: eventBridgeKeys.privateKey, padding: constants.RSA_PKCS1_PADDING },
        plain,
      ).toString('base64');
    const timestamp = at(0);
    const original = signedPush({ timestamp });
    const signed = publicDecrypt(
      { key: eventBridgeKeys.publicKey, padding: constants.RSA_PKCS1_PADDING },
      Buffer.from(String(original.headers[v2Header]), 'base64'),
    );
    assert.equal(await check(withHeaders(original, { [v2Header]: encrypt(signed) })), 'proven');
    assert.equal(await check(withHeaders(original, { [v2Header]: encrypt(info(signed)) })), 'wrong');
  });

// A client that has received one v1 request can do this. So the gateway accepts v1 only with a token.
test('the receiver of one request can forge v1 signatures, but not with the token of another rule', async () => {
  const received = signedPush({ versions: ['v1'], token: 'of the stranger' });
  const secret = publicDecrypt(
    { key: eventBridgeKeys.publicKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(String(received.headers['x-eventbridge-signature-secret']), 'base64'),
  );
  const stamp = at(0);
  const lines = [
    TARGET,
    `x-eventbridge-signature-timestamp: ${stamp}`,
    'x-eventbridge-signature-method: HMAC-SHA1',
    'x-eventbridge-signature-version: 1.0',
    `x-eventbridge-signature-url: ${CERTIFICATE}`,
    'x-eventbridge-signature-token: of the stranger',
    '{"forged":true}',
  ];
  const forged = {
    ...withHeaders(received, {
      'x-eventbridge-signature-timestamp': stamp,
      'x-eventbridge-signature': createHmac('sha1', secret).update(lines.join('\n')).digest('base64'),
    }),
    body: Buffer.from('{"forged":true}'),
  };
  assert.equal(await check(forged), 'proven');
  assert.equal(await check(forged, { tokens: fixedTokens(['of the rule']) }), 'wrong');
  assert.equal(await check(forged, { versions: ['v2'] }), 'absent');
});

test('a request without a signature has no credentials', async () => {
  const plain = {
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(BODY),
    accessToken: 't',
  };
  assert.equal(await check(plain), 'absent');
});

test('with the rule’s token configured, a valid signature for another rule is wrong', async () => {
  const tokens = fixedTokens(['of the rule', 'the next one']);
  assert.equal(await check(signedPush({ token: 'of the rule' }), { tokens }), 'proven');
  assert.equal(await check(signedPush({ token: 'the next one' }), { tokens }), 'proven');
  assert.equal(await check(signedPush({ token: 'of a stranger' }), { tokens }), 'wrong');
  assert.equal(await check(signedPush(), { tokens }), 'wrong');
});

for (const [name, dates] of [
  ['has expired', { from: Date.now() - 20_000, to: Date.now() - 10_000 }],
  ['is not valid yet', { from: Date.now() + 60_000, to: Date.now() + 120_000 }],
] as const) {
  test(`a valid signature is wrong if its certificate ${name}`, async () => {
    const certificate = readCertificate(selfSigned({ ...eventBridgeKeys, ...dates }));
    assert.equal(await check(signedPush(), { certificates: pinnedCertificate(certificate) }), 'wrong');
  });
}

test('compares the token byte by byte', async () => {
  // A UTF-8 token arrives as Latin-1, because Node.js reads headers as Latin-1.
  const request = signedPush({ token: '口令' });
  const latin1 = Buffer.from('口令').toString('latin1');
  assert.equal(await check(withHeaders(request, { 'x-eventbridge-signature-token': latin1 })), 'proven');
});

test('the check fails as unavailable if the certificate has not arrived by the deadline', async () => {
  const never = eventBridgeCredential({
    ...{ url: TARGET, versions: ['v2'] },
    certificates: () => new Promise(() => undefined),
  });
  await assert.rejects(never.check(signedPush(), Date.now() + 20), {
    name: 'Unavailable',
    message: /deadline/,
  });
});

// The example is from alibabacloud-eventbridge-sdk, util/java SignatureVerifyTest. This test cannot check its
// signature, because that needs the vendor's certificate. It checks only that the gateway rejects the example because
// of its age, before it fetches a certificate.
test('rejects the vendor’s own example as expired without fetching its certificate', async () => {
  const headers = {
    'x-eventbridge-signature-timestamp': '1612167546574',
    'x-eventbridge-signature-method': 'HMAC-SHA1',
    'x-eventbridge-signature-url':
      'https://cn-hangzhou-eventbridge.oss-cn-hangzhou.aliyuncs.com/x509_public_certificate_2021012101.pem',
    'x-eventbridge-signature-version': '1.0',
    'x-eventbridge-signature-secret':
      'IVmo9s1qRamopH4Ei5ZQKmVYHJ01yoOYuCTQbc4ENtINM1Gwy+x2goGfXl+NhpE6P8xgL01A/vwOn4anzVlhsvmBkkzRwbXqaYmcP44Of7nHMIfA' +
      'UDeS9d0ftVOEJlPh8SmxUjUvcf4neLkkv9fgjqYjKEOEPGhLMvkyx1EKB+4=',
    'x-eventbridge-signature': 'okK0HtfrD9y1xX0UuhKxR0DILgc=',
  };
  const body = Buffer.from('Data is data1, constant is Please deal with it timely.');
  const fetched: string[] = [];
  const proof = await check(
    { headers, body, accessToken: undefined },
    {
      url: 'http://127.0.0.1:8080/cloudevents',
      certificates(address) {
        fetched.push(address);
        return Promise.resolve(undefined);
      },
    },
  );
  assert.equal(proof, 'wrong');
  assert.deepEqual(fetched, []);
});
