import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { ObjectStore } from '../../ports/object-store.ts';
import { startActivities } from '../support/activities.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';

const bucket = 'eb-ask';

/** The CRC-64 of `123456789` in the catalogue of CRCs (CRC-64/XZ, which OSS uses). */
const CHECK_BODY = Buffer.from('123456789');
const CHECK_CRC64 = BigInt('0x995dc9bbdf1939fa').toString();

const stores = new Map<string, ObjectStore>();
let activities: Awaited<ReturnType<typeof startActivities>>;
before(async () => {
  activities = await startActivities();
  stores.set('OSS', activities.deps.store);
  stores.set('memory', new MemoryObjectStore());
});
after(() => activities.stop());

async function readAll(chunks: AsyncIterable<Buffer | string>): Promise<string> {
  const found: string[] = [];
  for await (const chunk of chunks) found.push(String(chunk));
  return found.join('');
}

async function keysOf(keys: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const key of keys) found.push(key);
  return found;
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

/** What the port promises. Both stores must behave like this, so that tests may use the one in memory. */
const contract: Readonly<Record<string, (store: ObjectStore) => Promise<void>>> = {
  'a missing object has no head and no content': async (store) => {
    const ref = { bucket, key: 'missing' };
    assert.equal(await store.head(ref), undefined);
    assert.equal(await store.get(ref, 10), undefined);
  },
  'a stored object has size, ETag and CRC-64': async (store) => {
    const ref = { bucket, key: 'head' };
    assert.equal((await store.put(ref, CHECK_BODY)).crc64, CHECK_CRC64);
    const md5 = createHash('md5').update(CHECK_BODY).digest('hex').toUpperCase();
    const { etag, size, crc64 } = (await store.head(ref)) ?? assert.fail('no head');
    assert.deepEqual({ etag, size, crc64 }, { etag: md5, size: 9, crc64: CHECK_CRC64 });
  },
  'an object at the limit is returned, a larger one is ObjectTooLarge': async (store) => {
    const ref = { bucket, key: 'limit' };
    await store.put(ref, Buffer.from('12345'));
    assert.equal(String(await store.get(ref, 5)), '12345');
    await assert.rejects(store.get(ref, 4), { type: 'ObjectTooLarge' });
  },
  'a range of a version is read, and an empty range has no bytes': async (store) => {
    const ref = { bucket, key: 'range' };
    await store.put(ref, Buffer.from('0123456789'));
    const version = (await store.head(ref)) ?? assert.fail('no head');
    assert.equal(await readAll(store.read(version, { start: 2, end: 5 })), '234');
    assert.equal(await readAll(store.read(version, { start: 2, end: 2 })), '');
  },
  'another version of the object is SourceChanged, a deleted object is SourceGone': async (store) => {
    const ref = { bucket, key: 'changed' };
    await store.put(ref, Buffer.from('old version'));
    const version = (await store.head(ref)) ?? assert.fail('no head');
    await store.put(ref, Buffer.from('new version'));
    await assert.rejects(readAll(store.read(version, { start: 0, end: 3 })), { type: 'SourceChanged' });
    await store.remove(bucket, [ref.key]);
    await assert.rejects(readAll(store.read(version, { start: 0, end: 3 })), { type: 'SourceGone' });
  },
  'a stream is stored whole, and a stream that fails stores nothing': async (store) => {
    const ref = { bucket, key: 'stream' };
    assert.equal((await store.putStream(ref, pieces('1234', '56789'), 9)).crc64, CHECK_CRC64);
    const failed = { bucket, key: 'failed-stream' };
    async function* failing(): AsyncGenerator<Buffer> {
      yield Buffer.from('1234');
      throw new Error('the source failed');
    }
    await assert.rejects(store.putStream(failed, failing(), 9), /the source failed/);
    assert.equal(await store.head(failed), undefined);
  },
  'keys are listed by prefix, in the order of their UTF-8 bytes': async (store) => {
    const names = [
      'list/b',
      'list/a',
      'list/中',
      'list/A',
      'list/\u{1f600}',
      'list/\uff5e',
      'list0',
      'list/\r',
    ];
    for (const key of names) await store.put({ bucket, key }, Buffer.from('x'));
    const expected = ['list/\r', 'list/A', 'list/a', 'list/b', 'list/中', 'list/\uff5e', 'list/\u{1f600}'];
    assert.deepEqual(await keysOf(store.list(bucket, 'list/')), expected);
  },
  'removal of missing objects succeeds': async (store) => {
    await store.put({ bucket, key: 'remove/a' }, Buffer.from('x'));
    await store.remove(bucket, ['remove/a', 'remove/missing']);
    assert.deepEqual(await keysOf(store.list(bucket, 'remove/')), []);
    await store.remove(bucket, []);
  },
  'a multipart upload becomes an object of its parts': async (store) => {
    const ref = { bucket, key: 'multipart' };
    const uploadId = await store.startUpload(ref);
    const bodies = [Buffer.alloc(100 * 1024, 'a'), Buffer.from('end')];
    for (const number of [2, 1])
      await store.uploadPart(ref, { uploadId, number, body: bodies[number - 1] ?? assert.fail('no body') });
    const parts = await store.uploadedParts(ref, uploadId);
    assert.deepEqual(
      parts.map(({ number, size }) => [number, size]),
      [
        [1, 102_400],
        [2, 3],
      ],
    );
    assert.equal(await store.head(ref), undefined);
    const { crc64 } = await store.completeUpload(ref, uploadId, parts);
    assert.equal(crc64, (await store.head(ref))?.crc64);
    assert.deepEqual(await store.get(ref, 200_000), Buffer.concat(bodies));
    await assert.rejects(store.uploadedParts(ref, uploadId), { type: 'NoSuchUpload' });
  },
  'all unfinished uploads of an object are aborted, and those of other objects are not': async (store) => {
    const ref = { bucket, key: 'abandon' };
    const other = { bucket, key: 'abandon-not' };
    const ids = [await store.startUpload(ref), await store.startUpload(ref)];
    const kept = await store.startUpload(other);
    await store.abandonUploads(ref);
    for (const id of ids) await assert.rejects(store.uploadedParts(ref, id), { type: 'NoSuchUpload' });
    assert.deepEqual(await store.uploadedParts(other, kept), []);
  },
  'no call starts after its signal was aborted': async (store) => {
    const reason = new Error('stop');
    const aborted = AbortSignal.abort(reason);
    const ref = { bucket, key: 'aborted' };
    await assert.rejects(store.put(ref, Buffer.from('x'), aborted), reason);
    await assert.rejects(store.head(ref, aborted), reason);
    await assert.rejects(keysOf(store.list(bucket, 'x', aborted)), reason);
    assert.equal(await store.head(ref), undefined);
  },
  'a read ends when its signal is aborted': async (store) => {
    const ref = { bucket, key: 'abort-read' };
    await store.put(ref, Buffer.alloc(4 * 1024 * 1024, 'x'));
    const version = (await store.head(ref)) ?? assert.fail('no head');
    const abort = new AbortController();
    const reason = new Error('stop');
    const read = async (): Promise<void> => {
      for await (const _ of store.read(version, { start: 0, end: version.size }, abort.signal))
        abort.abort(reason);
    };
    await assert.rejects(read(), reason);
  },
};

for (const name of ['OSS', 'memory']) {
  for (const [promise, check] of Object.entries(contract)) {
    test(`the store on ${name}: ${promise}`, async () => check(stores.get(name) ?? assert.fail('no store')));
  }
}

test('the store in memory fails on demand, before or after the effect of a call', async () => {
  const store = new MemoryObjectStore();
  const ref = { bucket, key: 'a' };
  store.before = ({ method }) => {
    if (method === 'put') throw new Error('refused');
  };
  await assert.rejects(store.put(ref, Buffer.from('x')), /refused/);
  assert.deepEqual(store.keys(bucket), []);
  store.before = () => {};
  store.after = () => {
    throw new Error('answer lost');
  };
  await assert.rejects(store.put(ref, Buffer.from('x')), /answer lost/);
  assert.deepEqual(store.keys(bucket), ['a']);
  assert.deepEqual(store.calls, [
    { method: 'put', key: 'a' },
    { method: 'put', key: 'a' },
  ]);
});
