import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretRedactor, splitCredentials } from '../../domain/secrets.ts';

const texts: readonly (readonly [name: string, text: string, shown: string])[] = [
  ['a secret', 'key s3/cret is wrong', 'key … is wrong'],
  ['a URL-encoded secret', '?key=s3%2Fcret&a=b', '?key=…&a=b'],
  ['a repeated secret', 's3/cret s3/cret', '… …'],
  ['another secret', 'tok', '…'],
  ['a text without secrets', 's3 cret', 's3 cret'],
];
for (const [name, text, shown] of texts)
  test(`redacts a message: ${name}`, () =>
    assert.equal(secretRedactor(['s3/cret', undefined, '', 'tok'])(text), shown));

const addresses: readonly (readonly [url: string, target: string, pair: string | undefined])[] = [
  ['http://sink/in?x=1', 'http://sink/in?x=1', undefined],
  ['http://me:pw@sink/in', 'http://sink/in', 'me:pw'],
  ['http://me@sink/', 'http://sink/', 'me:'],
  ['http://:p%40w@sink/', 'http://sink/', ':p@w'],
];
for (const [url, target, pair] of addresses)
  test(`splits ${url} into ${target} and credentials`, () => {
    const split = splitCredentials(url);
    const basic = pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
    assert.deepEqual([split.target.href, split.authorization], [target, basic]);
  });
