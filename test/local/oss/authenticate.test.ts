import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../../local/oss/address.ts';
import { authenticate } from '../../../local/oss/authenticate.ts';
import { OssError } from '../../../local/oss/oss-error.ts';

const host = 'bucket.oss-cn-hangzhou.aliyuncs.com';
const credentials = { keyId: 'ak', secret: 'sk' };
const query = '%2Bparam1=value3&%2Bparam2=&%7Cparam1=value4&%7Cparam2=&param1=value1&param2=';
const extraHeaders = { 'x-oss-head1': 'value', abc: 'value', zabc: 'value', xyz: 'value' };
const signV4 = (date: string, parameters: string) =>
  `OSS4-HMAC-SHA256 Credential=ak/${date}/cn-hangzhou/oss/aliyun_v4_request,${parameters}`;

/** Signatures from the tests of alibabacloud-oss-go-sdk-v2 (oss/signer/signer_test.go). */
const vectors = {
  'version 1 in a header': {
    method: 'PUT',
    target: '/nelson',
    host: 'examplebucket.oss-cn-hangzhou.aliyuncs.com',
    now: '2022-12-28T10:27:41Z',
    headers: {
      'content-md5': 'eB5eJF1ptWaXm4bijSPyxw==',
      'content-type': 'text/html',
      'x-oss-meta-author': 'alice',
      'x-oss-meta-magic': 'abracadabra',
      'x-oss-date': 'Wed, 28 Dec 2022 10:27:41 GMT',
      authorization: 'OSS ak:kSHKmLxlyEAKtZPkJhG9bZb5k7M=',
    },
  },
  'version 1 of a sub-resource': {
    method: 'GET',
    target: '/?resourceGroup&non-resousce=null',
    host: 'examplebucket.oss-cn-hangzhou.aliyuncs.com',
    now: '2022-12-28T10:27:41Z',
    headers: {
      'x-oss-date': 'Wed, 28 Dec 2022 10:27:41 GMT',
      authorization: 'OSS ak:vkQmfuUDyi1uDi3bKt67oemssIs=',
    },
  },
  'version 1 in the query': {
    method: 'GET',
    target:
      '/key?Expires=1699807420&OSSAccessKeyId=ak&Signature=dcLTea%2BYh9ApirQ8o8dOPqtvJXQ%3D&versionId=versionId',
    host,
    now: '2023-11-12T16:43:00Z',
    headers: {},
  },
  'version 1 in the query with a token': {
    method: 'GET',
    target:
      '/key%2B123?Expires=1699808204&OSSAccessKeyId=ak&Signature=jzKYRrM5y6Br0dRFPaTGOsbrDhY%3D&security-token=token&versionId=versionId',
    host,
    now: '2023-11-12T16:56:00Z',
    headers: {},
  },
  'version 4 in a header': {
    method: 'PUT',
    target: `/1234%2B-/123/1.txt?${query}`,
    host,
    now: '2023-12-16T16:20:57Z',
    headers: {
      ...extraHeaders,
      'content-type': 'text/plain',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-oss-date': '20231216T162057Z',
      authorization: signV4(
        '20231216',
        'Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe',
      ),
    },
  },
  'version 4 with additional headers': {
    method: 'PUT',
    target: `/1234%2B-/123/1.txt?${query}`,
    host,
    now: '2023-12-16T17:25:12Z',
    headers: {
      ...extraHeaders,
      'content-type': 'text/plain',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-oss-date': '20231216T172512Z',
      authorization: signV4(
        '20231216',
        'AdditionalHeaders=abc;zabc,Signature=4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f',
      ),
    },
  },
  'version 4 in the query': {
    method: 'PUT',
    target: `/1234%2B-/123/1.txt?${query}&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=599&x-oss-date=20231217T025437Z&x-oss-credential=ak%2F20231217%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-signature=a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe`,
    host,
    now: '2023-12-17T02:54:37Z',
    headers: { ...extraHeaders, 'content-type': 'application/octet-stream' },
  },
};

type Vector = (typeof vectors)[keyof typeof vectors];

function check(
  vector: Vector,
  changes: { now?: string; keyId?: string; secret?: string; method?: string } = {},
): string {
  const address = readAddress(vector.target, vector.host);
  const request = { method: changes.method ?? vector.method, headers: vector.headers, address };
  const now = Date.parse(changes.now ?? vector.now);
  try {
    authenticate(request, { ...credentials, ...changes }, now, false);
    return 'passes';
  } catch (error) {
    assert.ok(error instanceof OssError);
    return error.code;
  }
}

for (const [name, vector] of Object.entries(vectors)) {
  test(`accepts a signature of ${name}, but rejects it for another request`, () => {
    assert.equal(check(vector), 'passes');
    assert.equal(check(vector, { secret: 'other' }), 'SignatureDoesNotMatch');
    assert.equal(check(vector, { keyId: 'other' }), 'InvalidAccessKeyId');
    assert.equal(check(vector, { method: 'DELETE' }), 'SignatureDoesNotMatch');
    assert.equal(check({ ...vector, target: vector.target.replace('/', '/x') }), 'SignatureDoesNotMatch');
  });
}

const minutes = (vector: Vector, count: number) =>
  new Date(Date.parse(vector.now) + count * 60_000).toISOString();
const v1 = vectors['version 1 in a header'];
const v4 = vectors['version 4 in a header'];
const times: readonly (readonly [string, Vector, number, string])[] = [
  ['a clock 14 minutes behind', v1, 14, 'passes'],
  ['a clock 14 minutes ahead', v4, -14, 'passes'],
  ['a clock 16 minutes behind', v1, 16, 'RequestTimeTooSkewed'],
  ['a clock 16 minutes ahead', v4, -16, 'RequestTimeTooSkewed'],
  ['a signed URL of version 1 after its expiry', vectors['version 1 in the query'], 2, 'AccessDenied'],
  ['a signed URL of version 4 before its expiry', vectors['version 4 in the query'], 9, 'passes'],
  ['a signed URL of version 4 after its expiry', vectors['version 4 in the query'], 10, 'AccessDenied'],
  [
    'a signed URL of version 4 long before its start',
    vectors['version 4 in the query'],
    -16,
    'RequestTimeTooSkewed',
  ],
];

for (const [name, vector, count, expected] of times) {
  test(`${name}: ${expected}`, () => {
    assert.equal(check(vector, { now: minutes(vector, count) }), expected);
  });
}

test('accepts a request without a signature only if that is allowed', () => {
  const request = { method: 'GET', headers: {}, address: readAddress('/bucket/key', 'localhost:9000') };
  authenticate(request, credentials, 0, true);
  assert.throws(() => authenticate(request, credentials, 0, false), { code: 'AccessDenied' });
});

test('answers an error to an unknown kind of authorization, and to an authorization without a date', () => {
  const address = readAddress('/bucket/key', 'localhost:9000');
  for (const authorization of ['Basic bG9jYWw6', 'OSS ak:x', 'OSS2 AccessKeyId:ak,Signature:x']) {
    const request = { method: 'GET', headers: { authorization }, address };
    assert.throws(() => authenticate(request, credentials, 0, true), { code: 'AccessDenied' }, authorization);
  }
});
