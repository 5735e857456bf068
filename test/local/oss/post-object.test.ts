import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { KEY_ID, SECRET, startCloud } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

type Fields = Readonly<Record<string, string>>;

const BOUNDARY = 'form-boundary';

/** A form as browsers send it: the fields, then the file. */
function formOf(fields: Fields, content: string, filename = 'my file.txt'): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `Content-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: text/plain`;
  return Buffer.from(`${parts.join('')}--${BOUNDARY}\r\n${file}\r\n\r\n${content}\r\n--${BOUNDARY}--\r\n`);
}

const post = (endpoint: string, body: Buffer, headers: Fields = {}) => {
  const type = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
  return send(endpoint, '/eb-ask/', { method: 'POST', body, headers: { ...type, ...headers } });
};

/** A form from a web page needs a signature. */
const fromPage = { origin: 'http://page.example' };

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

/** Returns the fields of a policy that is signed with version 1. */
function signed(conditions: readonly unknown[], { expiration = inAnHour(), secret = SECRET } = {}): Fields {
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
  const signature = createHmac('sha1', secret).update(policy).digest('base64');
  return { OSSAccessKeyId: KEY_ID, policy, Signature: signature };
}

/** Returns the fields of a policy that is signed with version 4. */
function signedV4(conditions: readonly unknown[]): Fields {
  const policy = Buffer.from(JSON.stringify({ expiration: inAnHour(), conditions })).toString('base64');
  const date = `${new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
  const day = date.slice(0, 8);
  const key = [day, 'cn-hangzhou', 'oss', 'aliyun_v4_request'].reduce<string | Buffer>(
    (derived, step) => createHmac('sha256', derived).update(step).digest(),
    `aliyun_v4${SECRET}`,
  );
  return {
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `${KEY_ID}/${day}/cn-hangzhou/oss/aliyun_v4_request`,
    'x-oss-date': date,
    'x-oss-signature': createHmac('sha256', key).update(policy).digest('hex'),
    policy,
  };
}

for (const [version, sign] of [
  ['1', signed],
  ['4', signedV4],
] as const) {
  test(`stores the file of a form from a web page with a policy of signature version ${version}`, async (t) => {
    const endpoint = await startCloud(t);
    const policy = sign([
      { bucket: 'eb-ask' },
      ['starts-with', '$key', 'zip/'],
      ['content-length-range', 1, 5],
    ]);
    const fields = { key: `zip/${'$'}{filename}`, ...policy, 'x-oss-meta-sluice-unsafe': 'skip' };
    const answer = await post(endpoint, formOf(fields, 'hello', '报告 1.txt'), fromPage);
    assert.deepEqual([answer.status, answer.code], [204, '']);
    const got = await send(endpoint, `/eb-ask/${encodeURIComponent('zip/报告 1.txt')}`);
    assert.equal(String(got.body), 'hello');
    assert.equal(got.headers['x-oss-meta-sluice-unsafe'], 'skip');
    assert.equal(got.headers.etag, answer.headers.etag);
  });
}

const rejected: readonly (readonly [name: string, fields: () => Fields, status: number, code: string])[] = [
  ['without a policy', () => ({ key: 'k' }), 403, 'AccessDenied'],
  [
    'with an expired policy',
    () => ({ key: 'k', ...signed([], { expiration: '2020-01-01T00:00:00.000Z' }) }),
    403,
    'AccessDenied',
  ],
  [
    'with a wrong signature',
    () => ({ key: 'k', ...signed([], { secret: 'other' }) }),
    403,
    'SignatureDoesNotMatch',
  ],
  [
    'with an unknown key id',
    () => ({ key: 'k', ...signed([]), OSSAccessKeyId: 'who' }),
    403,
    'InvalidAccessKeyId',
  ],
  [
    'with a policy for another bucket',
    () => ({ key: 'k', ...signed([{ bucket: 'other' }]) }),
    403,
    'AccessDenied',
  ],
  [
    'with a policy for another key',
    () => ({ key: 'k', ...signed([['eq', '$key', 'other']]) }),
    403,
    'AccessDenied',
  ],
  [
    'with a key outside of the policy’s prefix',
    () => ({ key: 'k', ...signed([['starts-with', '$key', 'a/']]) }),
    403,
    'AccessDenied',
  ],
  [
    'with a value that the policy does not list',
    () => ({ key: 'k', ...signed([['in', '$key', ['a']]]) }),
    403,
    'AccessDenied',
  ],
  [
    'with a value that the policy forbids',
    () => ({ key: 'k', ...signed([['not-in', '$key', ['k']]]) }),
    403,
    'AccessDenied',
  ],
  [
    'with an unknown operator',
    () => ({ key: 'k', ...signed([['like', '$key', 'k']]) }),
    400,
    'InvalidPolicyDocument',
  ],
  [
    'that is larger than the policy allows',
    () => ({ key: 'k', ...signed([['content-length-range', 0, 4]]) }),
    400,
    'EntityTooLarge',
  ],
  [
    'that is smaller than the policy allows',
    () => ({ key: 'k', ...signed([['content-length-range', 6, 9]]) }),
    400,
    'EntityTooSmall',
  ],
  ['without a key', () => signed([]), 400, 'InvalidObjectName'],
];
for (const [name, fields, status, code] of rejected) {
  test(`rejects a form ${name}, and stores nothing`, async (t) => {
    const endpoint = await startCloud(t);
    const answer = await post(endpoint, formOf(fields(), 'hello'), fromPage);
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
  });
}

test('answers with the status or the redirection that the form names', async (t) => {
  const endpoint = await startCloud(t);
  const ok = await post(endpoint, formOf({ key: 'k', success_action_status: '200' }, 'x'));
  assert.equal(ok.status, 200);
  const created = await post(endpoint, formOf({ key: 'k', success_action_status: '201' }, 'x'));
  assert.equal(created.status, 201);
  assert.match(String(created.body), /<PostResponse><Bucket>eb-ask<\/Bucket>.*<Key>k<\/Key>/);
  const fields = { key: 'k', success_action_redirect: 'http://page.example/done?a=1' };
  const redirected = await post(endpoint, formOf(fields, 'x'));
  assert.equal(redirected.status, 303);
  assert.match(
    redirected.headers.location ?? '',
    /^http:\/\/page\.example\/done\?a=1&bucket=eb-ask&key=k&etag=/,
  );
});

test('rejects a body that is not a form, and a form without a file', async (t) => {
  const endpoint = await startCloud(t);
  const noForm = await post(endpoint, Buffer.from('x'), { 'content-type': 'text/plain' });
  assert.deepEqual([noForm.status, noForm.code], [400, 'MalformedPOSTRequest']);
  const cut = formOf({ key: 'k' }, 'hello').subarray(0, 60);
  assert.equal((await post(endpoint, cut)).code, 'MalformedPOSTRequest');
  assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
});
