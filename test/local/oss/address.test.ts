import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../../local/oss/address.ts';

const rows: readonly (readonly [host: string, target: string, bucket: string, key: string])[] = [
  ['localhost:9000', '/', '', ''],
  ['localhost:9000', '/eb-ask', 'eb-ask', ''],
  ['localhost:9000', '/eb-ask/', 'eb-ask', ''],
  ['127.0.0.1:9000', '/eb-ask/zip/a%20b.zip?x=/y', 'eb-ask', 'zip/a b.zip'],
  ['[::1]:9000', '/eb-ask/a/../b', 'eb-ask', 'a/../b'],
  ['localhost', '/eb-ask/a+b%2Bc', 'eb-ask', 'a+b+c'],
  ['localhost', 'http://localhost:9000/eb-ask/k', 'eb-ask', 'k'],
  ['eb-ask.localhost:9000', '/', 'eb-ask', ''],
  ['eb-ask.localhost:9000', '/zip/%E4%B8%AD.zip', 'eb-ask', 'zip/中.zip'],
  ['EB-ASK.oss-cn-hangzhou.aliyuncs.com', '/k', 'eb-ask', 'k'],
  ['eb-ask.oss-cn-hangzhou-internal.aliyuncs.com', '/other/k', 'eb-ask', 'other/k'],
  ['oss-cn-hangzhou.aliyuncs.com', '/eb-ask/k', 'eb-ask', 'k'],
];

for (const [host, target, bucket, key] of rows) {
  test(`${target} at ${host} is bucket "${bucket}", key "${key}"`, () => {
    const address = readAddress(target, host);
    assert.deepEqual([address.bucket, address.key], [bucket, key]);
  });
}

test('decodes the query, with and without values', () => {
  const { query } = readAddress('/b-1/k?uploads&a=1=2&%E4%B8%AD=x+y%2B&empty=', 'localhost');
  assert.deepEqual(
    [...query],
    [
      ['uploads', ''],
      ['a', '1=2'],
      ['中', 'x y+'],
      ['empty', ''],
    ],
  );
});

const invalidAddresses: readonly (readonly [host: string | undefined, target: string, code: string])[] = [
  ['evil.example', '/eb-ask/k', 'InvalidArgument'],
  ['localhost.evil.example', '/eb-ask/k', 'InvalidArgument'],
  [undefined, '/eb-ask/k', 'InvalidArgument'],
  ['localhost', '*', 'BadRequest'],
  ['localhost', '/Eb/k', 'InvalidBucketName'],
  ['a.b.localhost', '/k', 'InvalidBucketName'],
  ['localhost', '/../k', 'InvalidBucketName'],
  ['localhost', '/eb-ask/%', 'InvalidObjectName'],
  ['localhost', '/eb-ask/%C3', 'InvalidObjectName'],
  ['localhost', '/eb-ask//k', 'InvalidObjectName'],
];

for (const [host, target, code] of invalidAddresses) {
  test(`answers ${target} at ${host} with ${code}`, () => {
    assert.throws(() => readAddress(target, host), { code });
  });
}
