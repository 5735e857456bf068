import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import type { InspectResult } from '../../../activities/unzip/inspect.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const store = new MemoryObjectStore();
const { shared, run } = unzipActivities(store, tmpdir());
const body = Buffer.from('an archive');
const etag = createHash('md5').update(body).digest('hex').toUpperCase();
store.set('eb-ask', 'zip/a.zip', body);

const inspect = (input: Readonly<Record<string, unknown>> = {}): Promise<InspectResult> =>
  run(shared.inspect, { bucket: 'eb-ask', key: 'zip/a.zip', ...input });

const archive = {
  ...{ bucket: 'eb-ask', key: 'zip/a.zip', etag, size: body.length, base: 'a', small: true },
  ...{ destination: 'unzip/a/', manifest: 'unzip/.sluice/a.json' },
};

/** Fields of the found archive; fails if there is none. */
async function found(input: Readonly<Record<string, unknown>> = {}) {
  const result = await inspect(input);
  assert.equal(result.outcome, 'archive');
  return result as Extract<InspectResult, { outcome: 'archive' }>;
}

const currentVersions: readonly (readonly [about: string, etag: unknown])[] = [
  ['without a version', undefined],
  ['with an empty version', ''],
  ['with the current version', etag],
  ['with the current version in lower case', etag.toLowerCase()],
  ['with the current version in quotes', `"${etag}"`],
];
for (const [about, given] of currentVersions) {
  test(`an event ${about} is about the current object`, async () => {
    const { archive: one, workflowId } = await found({ etag: given });
    const { runs, ...rest } = one;
    assert.deepEqual(rest, archive);
    assert.match(runs, /^unzip\/\.sluice\//);
    assert.match(workflowId, /a/);
  });
}

test('an event about an earlier version is superseded, and the note names both versions', async () => {
  assert.deepEqual(await inspect({ etag: 'ABC' }), {
    outcome: 'superseded',
    note: `oss://eb-ask/zip/a.zip now has version ${etag}, but the event is about ABC`,
  });
});

test('an event about a deleted object is superseded', async () => {
  assert.deepEqual(await inspect({ key: 'zip/gone.zip' }), {
    outcome: 'superseded',
    note: 'oss://eb-ask/zip/gone.zip does not exist any more',
  });
});

test('a key that is not an archive under zip/ is ignored, without a call of the store', async () => {
  store.calls.length = 0;
  const note = 'other/a.zip is not an archive under zip/';
  assert.deepEqual(await inspect({ key: 'other/a.zip' }), { outcome: 'ignored', note });
  assert.deepEqual(store.calls, []);
});

for (const [bytes, small] of [
  [16 * 1024 * 1024, true],
  [16 * 1024 * 1024 + 1, undefined],
] as const) {
  test(`an archive of ${bytes} bytes is ${small ? '' : 'not '}small`, async () => {
    store.set('eb-ask', 'zip/big.zip', Buffer.alloc(bytes));
    assert.equal((await found({ key: 'zip/big.zip' })).archive.small, small);
  });
}

test('options come from the route, and those in the metadata of the object have priority', async () => {
  const metadata = { 'sluice-charsets': 'big5', 'sluice-unsafe': 'skip' };
  store.set('eb-ask', 'zip/named.zip', body, metadata);
  const options = { charsets: ['gb18030', 'cp866'], unsafe: 'strip' };
  assert.deepEqual((await found(options)).archive.names, options);
  const named = await found({ key: 'zip/named.zip', ...options });
  assert.deepEqual(named.archive.names, { charsets: ['big5'], unsafe: 'skip' });
});

const badInput: readonly (readonly [
  about: string,
  input: Readonly<Record<string, unknown>>,
  message: string,
])[] = [
  ['a bucket that is missing', { bucket: undefined }, 'bucket must be a bucket name, but is missing'],
  ['a bucket with a slash', { bucket: 'a/b' }, 'bucket must be a bucket name, but is "a/b"'],
  ['a bucket of two letters', { bucket: 'ab' }, 'bucket must be a bucket name, but is "ab"'],
  [
    'a bucket of 64 letters',
    { bucket: 'a'.repeat(64) },
    `bucket must be a bucket name, but is "${'a'.repeat(64)}"`,
  ],
  ['a key that is a number', { key: 5 }, 'key must be an object key, but is 5'],
  ['an empty key', { key: '' }, 'key must be an object key, but is ""'],
  ['a version that is a list', { etag: ['A'] }, 'etag must be a string, but is ["A"]'],
  [
    'an unknown charset in the route',
    { charsets: 'klingon' },
    "archive oss://eb-ask/zip/a.zip: the route's charsets must be a comma-separated list of",
  ],
  [
    'an unknown policy in the route',
    { unsafe: 'ignore' },
    'archive oss://eb-ask/zip/a.zip: the route\'s unsafe must be one of fail, skip, strip, but is "ignore"',
  ],
];
for (const [about, input, message] of badInput) {
  test(`${about} fails the run for good`, async () => {
    await assert.rejects(
      inspect(input),
      (error: { type?: string; nonRetryable?: boolean; message: string }) => {
        assert.ok(error.message.startsWith(message), error.message);
        assert.deepEqual([error.type, error.nonRetryable], ['BadInput', true]);
        return true;
      },
    );
  });
}

test('a bucket of three letters and a bucket of 63 letters are allowed', async () => {
  for (const bucket of ['abc', 'a'.repeat(63)]) {
    store.set(bucket, 'zip/a.zip', body);
    assert.equal((await found({ bucket })).archive.bucket, bucket);
  }
});

test('an unknown charset in the metadata fails the run, and the message names the metadata', async () => {
  store.set('eb-ask', 'zip/klingon.zip', body, { 'sluice-charsets': 'klingon' });
  await assert.rejects(
    inspect({ key: 'zip/klingon.zip' }),
    /x-oss-meta-sluice-charsets must be .* "klingon"/,
  );
});
