import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../local-cloud.ts';
import { send } from '../raw-request.ts';
import { anySize, type Fields, formOf, fromPage, post, signed, signedText, signedV4 } from './upload-form.ts';

const FILE_NAME = ['$', '{filename}'].join('');
const DAY_MS = 24 * 3_600_000;

for (const [version, sign] of [
  ['1', signed],
  ['4', signedV4],
] as const) {
  test(`stores the file of a form from a web page with a policy of signature version ${version}`, async (t) => {
    const endpoint = await startCloud(t);
    const policy = sign([
      { bucket: 'eb-ask' },
      ['starts-with', '$key', 'zip/'],
      ['eq', 'success_action_status', '200'],
      ['in', '$content-type', ['text/plain', 'text/html']],
      ['not-in', '$x-oss-meta-sluice-unsafe', ['extract']],
      ['content-length-range', 1, 5],
    ]);
    const fields = {
      ...{ key: `zip/${FILE_NAME}`, success_action_status: '200' },
      ...{ ...policy, 'x-oss-meta-sluice-unsafe': 'skip' },
    };
    const file = { filename: '报告 1.txt', type: 'text/plain' };
    const answer = await post(endpoint, formOf(fields, 'hello', file), fromPage(endpoint));
    assert.deepEqual([answer.status, answer.code], [200, '']);
    const got = await send(endpoint, `/eb-ask/${encodeURIComponent('zip/报告 1.txt')}`);
    assert.equal(String(got.body), 'hello');
    assert.equal(got.headers['x-oss-meta-sluice-unsafe'], 'skip');
    assert.equal(got.headers.etag, answer.headers.etag);
  });
}

type Case = readonly [name: string, fields: () => Fields, status: number, code: string];

const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));

const conditions = (name: string, ...list: readonly unknown[]): Case => [
  `with ${name}`,
  () => signed(list),
  400,
  'InvalidPolicyDocument',
];

const denied = (name: string, condition: unknown): Case => [
  name,
  () => signed([condition]),
  403,
  'AccessDenied',
];

const rejected: readonly Case[] = [
  ['without a policy', () => ({}), 403, 'AccessDenied'],
  [
    'with an expired policy',
    () => signed([anySize], { expiration: '2020-01-01T00:00:00.000Z' }),
    403,
    'AccessDenied',
  ],
  ['with a wrong signature', () => signed([anySize], { secret: 'other' }), 403, 'SignatureDoesNotMatch'],
  [
    'with an unknown key id',
    () => ({ ...signed([anySize]), OSSAccessKeyId: 'who' }),
    403,
    'InvalidAccessKeyId',
  ],
  ...['OSSAccessKeyId', 'policy', 'Signature'].flatMap((name): Case[] => [
    [
      `without ${name}, but with the other fields of a signature`,
      () => without(signed([anySize]), name),
      400,
      'InvalidArgument',
    ],
    [`with an empty ${name}`, () => ({ ...signed([anySize]), [name]: '' }), 400, 'InvalidArgument'],
  ]),
  ...['x-oss-credential', 'x-oss-date', 'x-oss-signature'].map(
    (name): Case => [
      `of signature version 4 without ${name}`,
      () => without(signedV4([anySize]), name),
      400,
      'InvalidArgument',
    ],
  ),
  [
    'with an unknown signature version',
    () => ({ ...signed([anySize]), 'x-oss-signature-version': '2' }),
    400,
    'InvalidArgument',
  ],
  [
    'of signature version 4 that is older than 7 days',
    () => signedV4([anySize], { ageMs: 7 * DAY_MS + 60_000 }),
    403,
    'AccessDenied',
  ],
  [
    'of signature version 4 that was signed in the future',
    () => signedV4([anySize], { ageMs: -16 * 60_000 }),
    403,
    'RequestTimeTooSkewed',
  ],
  ['with a policy that is not JSON', () => signedText('bm8='), 400, 'InvalidPolicyDocument'],
  [
    'with an expiration that is no time',
    () => signed([anySize], { expiration: 123 }),
    400,
    'InvalidPolicyDocument',
  ],
  ['with conditions that are no list', () => signed(123), 400, 'InvalidPolicyDocument'],
  conditions('an empty list of conditions'),
  conditions('a condition that is no list and no map', 123),
  conditions('an empty condition', {}),
  conditions('two fields in one condition', { bucket: 'eb-ask', key: 'k' }),
  conditions('a condition without an operator', ['$key']),
  conditions('an unknown operator', ['like', '$key', 'k']),
  conditions('too many values in a condition', ['starts-with', '$key', 'k', 'test']),
  conditions('a condition that expects a number', { key: 1 }),
  conditions('a list for eq', ['eq', '$key', ['k']]),
  conditions('a text for not-in', ['not-in', '$key', 'other']),
  conditions('a size that is a text', ['content-length-range', 1, 'test']),
  conditions('a negative size', ['content-length-range', -1, 10]),
  conditions('a minimum size above the maximum', ['content-length-range', 20, 10]),
  denied('with a policy for another bucket', { bucket: 'other' }),
  denied('with a policy for another key', ['eq', '$key', 'other']),
  denied('with a key outside of the policy’s prefix', ['starts-with', '$key', 'a/']),
  denied('with a value that the policy does not list', ['in', '$key', ['a']]),
  denied('with a value that the policy forbids', ['not-in', '$key', ['k']]),
  denied('without a field that the policy names', ['starts-with', '$x-oss-meta-a', '']),
  denied('without a field in which the policy forbids a value', ['not-in', '$x-oss-meta-a', ['b']]),
  denied('with another content type than in the policy', ['eq', '$content-type', 'image/png']),
  [
    'that is larger than the policy allows',
    () => signed([['content-length-range', 0, 4]]),
    400,
    'EntityTooLarge',
  ],
  [
    'that is smaller than the policy allows',
    () => signed([['content-length-range', 6, 9]]),
    400,
    'EntityTooSmall',
  ],
];
for (const [name, fields, status, code] of rejected) {
  test(`rejects a form ${name}, and stores nothing`, async (t) => {
    const endpoint = await startCloud(t);
    const answer = await post(endpoint, formOf({ key: 'k', ...fields() }, 'hello'), fromPage(endpoint));
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
  });
}

test('checks the key of a form before it puts the name of the file into it', async (t) => {
  const endpoint = await startCloud(t);
  const postKey = (key: string) =>
    post(
      endpoint,
      formOf({ key: FILE_NAME, ...signed([{ key }]) }, 'hello', { filename: 'a.txt' }),
      fromPage(endpoint),
    );
  assert.equal((await postKey(FILE_NAME)).status, 204);
  assert.equal((await postKey('a.txt')).code, 'AccessDenied');
});

test('names the failed condition of a policy as OSS does', async (t) => {
  const endpoint = await startCloud(t);
  for (const [condition, text] of [
    [{ bucket: 'other' }, '["eq", "$bucket", "other"]'],
    [['starts-with', 'key', 'user/'], '["starts-with", "$key", "user/"]'],
  ] as const) {
    const { body } = await post(
      endpoint,
      formOf({ key: 'k', ...signed([condition]) }, 'x'),
      fromPage(endpoint),
    );
    const message = /<Message>(.*)<\/Message>/.exec(String(body))?.[1]?.replaceAll('&quot;', '"');
    assert.equal(message, `Invalid according to Policy: Policy Condition failed: ${text}`);
  }
});
