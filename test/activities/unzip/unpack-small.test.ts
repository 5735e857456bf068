import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { SmallArchiveMemory } from '../../../activities/unzip/small-archive-memory.ts';
import { archiveKeysOf } from '../../../domain/unzip/archive-key.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore, type StoreCall } from '../../support/memory-object-store.ts';
import { until } from '../../support/until.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

const BUCKET = 'eb-ask';
const KEY = 'zip/a.zip';
const MANIFEST = 'unzip/.sluice/a.json';
const MEBIBYTE = 1024 * 1024;

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-small-'));
});
after(() => rm(dir, { recursive: true, force: true }));

const filesOf = (count: number): ZipEntry[] =>
  Array.from({ length: count }, (_, at) => ({ name: `${at}.txt`, content: `file ${at}` }));

/** Compresses to a thousandth, so the archive is small in spite of its content. */
const zeros = (bytes: number): ZipEntry => ({
  name: `${bytes}.bin`,
  content: Buffer.alloc(bytes),
  method: 8,
});

const limits: [what: string, entries: () => ZipEntry[], outcome: 'completed' | 'large'][] = [
  ['999 files', () => filesOf(999), 'completed'],
  ['1,000 files', () => filesOf(1_000), 'completed'],
  ['1,001 files', () => filesOf(1_001), 'large'],
  ['1,000 files and a folder', () => [...filesOf(1_000), { name: 'folder/', content: '' }], 'completed'],
  ['64 MiB of content', () => [zeros(64 * MEBIBYTE - 1), { name: 'a', content: 'a' }], 'completed'],
  ['64 MiB and one byte of content', () => [zeros(64 * MEBIBYTE), { name: 'a', content: 'a' }], 'large'],
];
for (const [what, entries, outcome] of limits)
  test(`an archive with ${what} is ${outcome === 'large' ? 'not unpacked in one step' : 'unpacked in one step'}`, async () => {
    const store = new MemoryObjectStore();
    store.set(BUCKET, KEY, zipOf(entries()));
    const { shared, run, emitted } = unzipActivities(store, dir);
    const inspection = await run(shared.inspect, { bucket: BUCKET, key: KEY });
    assert.ok(inspection.outcome === 'archive' && inspection.archive.small);
    const { archive } = inspection;
    const parent = { bucket: BUCKET, key: KEY, workflowId: 'unzip', runId: 'p', event: null, hops: 1 };
    const claiming = { workflowId: 'unzip', runId: 'r', workflow: 'unzipObject' as const };
    const result = await run(shared.unpackSmall, { archive, run: claiming, event: null, parent });
    assert.equal(result.outcome, outcome);
    assert.deepEqual(emitted, []);
    const keys = store.keys(BUCKET);
    if (outcome === 'large') assert.deepEqual(keys, [KEY]);
    else assert.ok(keys.includes(MANIFEST));
  });

test('an archive with a file of 4 GiB that declares few bytes is not unpacked in one step', async () => {
  const piece = deflateRawSync(Buffer.alloc(16 * MEBIBYTE), { finishFlush: constants.Z_SYNC_FLUSH });
  const content = Buffer.concat([
    ...Array.from({ length: 256 }, () => piece),
    deflateRawSync(Buffer.alloc(1)),
  ]);
  const zip = zipOf([{ name: 'zeros', method: 0, content, declared: { size: 1 } }]);
  // The writer does not deflate a stored entry, so its method is changed afterwards.
  zip.writeUInt16LE(8, zip.readUInt32LE(zip.length - 6) + 10);
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zip);
  const { shared, run } = unzipActivities(store, dir);
  const inspection = await run(shared.inspect, { bucket: BUCKET, key: KEY });
  assert.ok(inspection.outcome === 'archive' && inspection.archive.small);
  const parent = { bucket: BUCKET, key: KEY, workflowId: 'unzip', runId: 'p', event: null, hops: 1 };
  const claiming = { workflowId: 'unzip', runId: 'r', workflow: 'unzipObject' as const };
  const task = { archive: inspection.archive, run: claiming, event: null, parent };
  assert.deepEqual(await run(shared.unpackSmall, task), { outcome: 'large' });
});

/** Damages the first `times` reads of the archive: flips one bit of their content. `reads` counts all reads of it. */
function damageReads(store: MemoryObjectStore, times: number): { readonly reads: () => number } {
  const real = store.read.bind(store);
  let reads = 0;
  store.read = async function* (...args) {
    const isDamaged = args[0].key === KEY && ++reads <= times;
    for await (const chunk of real(...args)) {
      if (isDamaged && args[1].start === 0) chunk[40] = (chunk[40] ?? 0) ^ 1;
      yield chunk;
    }
  };
  return { reads: () => reads };
}

test('an archive whose download was damaged is read once more, and unpacked', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zipOf([{ name: 'a.txt', content: 'the content of a file' }]));
  const { reads } = damageReads(store, 1);
  const result = await unzipActivities(store, dir).unzip(BUCKET, KEY);
  assert.equal(result.outcome, 'completed');
  assert.equal(String(store.content(BUCKET, 'unzip/a/a.txt')), 'the content of a file');
  assert.equal(reads(), 2);
});

test('an archive that is damaged in both reads fails with CorruptEntry, and nothing is written', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zipOf([{ name: 'a.txt', content: 'the content of a file' }]));
  const { reads } = damageReads(store, 9);
  await assert.rejects(unzipActivities(store, dir).unzip(BUCKET, KEY), { type: 'CorruptEntry' });
  assert.deepEqual(store.keys(BUCKET), [KEY]);
  assert.equal(reads(), 2);
});

test('an archive that is rejected for another reason is read only once', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, Buffer.from('no archive at all'));
  const { reads } = damageReads(store, 0);
  await assert.rejects(unzipActivities(store, dir).unzip(BUCKET, KEY), { type: 'NotAZip' });
  assert.equal(reads(), 1);
});

for (const [size, what] of [
  [MEBIBYTE - 1, '1 MiB minus a byte'],
  [MEBIBYTE, '1 MiB'],
  [MEBIBYTE + 1, '1 MiB and a byte'],
] as const)
  for (const method of [0, 8]) {
    const content = Buffer.from(Array.from({ length: size }, (_, at) => (at * at) % 251));
    test(`a file of ${what} with method ${method} is stored with its content`, async () => {
      const store = new MemoryObjectStore();
      store.set(BUCKET, KEY, zipOf([{ name: 'file', content, method }]));
      await unzipActivities(store, dir).unzip(BUCKET, KEY);
      assert.ok(store.content(BUCKET, 'unzip/a/file')?.equals(content));
    });

    test(`a file of ${what} with method ${method} and a wrong CRC-32 fails with CorruptEntry, and nothing is written`, async () => {
      const store = new MemoryObjectStore();
      const other = zipOf([{ name: 'file', content, method, declared: { crc32: 1 } }]);
      store.set(BUCKET, KEY, other);
      await assert.rejects(unzipActivities(store, dir).unzip(BUCKET, KEY), { type: 'CorruptEntry' });
      assert.deepEqual(store.keys(BUCKET), [KEY]);
    });
  }

test('a new version notes the old keys, deletes the manifest, writes, deletes old files, and writes the manifest', async () => {
  const store = new MemoryObjectStore();
  const { unzip } = unzipActivities(store, dir);
  store.set(BUCKET, KEY, zipOf([{ name: 'old.txt', content: 'old' }]));
  await unzip(BUCKET, KEY);
  store.set(BUCKET, KEY, zipOf([{ name: 'new.txt', content: 'new' }]));
  store.calls.length = 0;
  await unzip(BUCKET, KEY);
  const isChange = ({ method }: StoreCall): boolean => method === 'put' || method === 'remove';
  const changes = store.calls.filter(isChange).map(({ method, key }) => {
    const name = key.includes('/claims/')
      ? 'the claim'
      : key.replace(/^.*\.sluice\/.*\/earlier\.ndjson$/, 'the note');
    return `${method} ${name}`;
  });
  assert.deepEqual(changes, [
    'put the claim',
    'put the note',
    `remove ${MANIFEST}`,
    'put unzip/a/new.txt',
    'remove unzip/a/old.txt',
    `put ${MANIFEST}`,
    'remove the note',
    'remove the claim',
  ]);
  assert.deepEqual(store.keys(BUCKET), [MANIFEST, 'unzip/a/new.txt', KEY]);
});

test('after a cancellation, no further file is begun, and no manifest is written', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zipOf(filesOf(200)));
  const { shared, run } = unzipActivities(store, dir);
  const inspection = await run(shared.inspect, { bucket: BUCKET, key: KEY });
  assert.ok(inspection.outcome === 'archive');
  const parent = { bucket: BUCKET, key: KEY, workflowId: 'unzip', runId: 'p', event: null, hops: 1 };
  const claiming = { workflowId: 'unzip', runId: 'r', workflow: 'unzipObject' as const };
  const environment = new MockActivityEnvironment();
  const isFile = ({ key }: StoreCall): boolean => key.startsWith('unzip/a/');
  store.before = (call) => {
    if (isFile(call)) environment.cancel('CANCELLED');
  };
  const task = { archive: inspection.archive, run: claiming, event: null, parent };
  await assert.rejects(environment.run(shared.unpackSmall, task), { name: 'CancelledFailure' });
  const begun = store.calls.filter(isFile).length;
  assert.ok(begun <= 16, `${begun} files begun`);
  assert.equal(store.content(BUCKET, MANIFEST), undefined);
});

test('while a small archive deletes the objects of an earlier version, another one has room in memory', async () => {
  const store = new MemoryObjectStore();
  // There is room for one archive at a time.
  const { unzip } = unzipActivities(store, dir, { smallArchives: new SmallArchiveMemory(MEBIBYTE, 1) });
  store.set(BUCKET, KEY, zipOf([{ name: 'old.txt', content: 'old' }]));
  await unzip(BUCKET, KEY);
  store.set(BUCKET, KEY, zipOf([{ name: 'new.txt', content: 'new' }]));
  store.set(BUCKET, 'zip/b.zip', zipOf([{ name: 'b.txt', content: 'b' }]));
  let other: unknown;
  store.before = async ({ method, key }) => {
    if (method === 'remove' && key === 'unzip/a/old.txt') other = await unzip(BUCKET, 'zip/b.zip');
  };
  assert.equal((await unzip(BUCKET, KEY)).outcome, 'completed');
  assert.equal((other as { outcome: string }).outcome, 'completed');
  assert.deepEqual(
    store.keys(BUCKET).filter((key) => /^unzip\/[ab]\//.test(key)),
    ['unzip/a/new.txt', 'unzip/b/b.txt'],
  );
});

const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const LARGE_OBJECTS = [
  'unzip/a/old.txt',
  ...Array.from({ length: 1_100 }, (_, at) => `${at}`.padEnd(1_000)),
].map((key) => ({ key }));
const PART = `${archiveKeysOf(BUCKET, KEY)?.runs}earlier/part-000000.ndjson`;
const OTHER_PART = `${archiveKeysOf(BUCKET, 'zip/a/c.zip')?.runs}earlier/part-000000.ndjson`;
const longLists: readonly (readonly [what: string, objects: Readonly<Record<string, Buffer>>])[] = [
  [
    'the large manifest of an earlier version',
    { [MANIFEST]: jsonOf({ source: { key: KEY }, objects: LARGE_OBJECTS }) },
  ],
  [
    'the lists of a large earlier version',
    {
      [MANIFEST]: jsonOf({ source: { key: KEY }, parts: [PART] }),
      [PART]: Buffer.from('{"key":"unzip/a/old.txt"}\n'),
    },
  ],
  [
    'the large manifest of another archive below its destination',
    {
      [MANIFEST]: jsonOf({ source: { key: KEY }, objects: [{ key: 'unzip/a/old.txt' }] }),
      'unzip/.sluice/a/c.json': jsonOf({ source: { key: 'zip/a/c.zip' }, objects: LARGE_OBJECTS.slice(1) }),
    },
  ],
  [
    'the lists of another large archive below its destination',
    {
      [MANIFEST]: jsonOf({ source: { key: KEY }, objects: [{ key: 'unzip/a/old.txt' }] }),
      'unzip/.sluice/a/c.json': jsonOf({
        source: { key: 'zip/a/c.zip' },
        parts: [OTHER_PART],
      }),
      [OTHER_PART]: Buffer.from('{"key":"unzip/a/c/1.txt"}\n'),
    },
  ],
];
for (const [what, objects] of longLists)
  test(`while a small archive reads ${what}, another one has room in memory`, async () => {
    const store = new MemoryObjectStore();
    // There is room for one archive at a time.
    const smallArchives = new SmallArchiveMemory(MEBIBYTE, 1);
    const { unzip, deps } = unzipActivities(store, dir, { smallArchives });
    for (const [key, body] of Object.entries(objects)) store.set(BUCKET, key, body);
    store.set(BUCKET, 'unzip/a/old.txt', Buffer.from('old'));
    store.set(BUCKET, KEY, zipOf([{ name: 'c/new.txt', content: 'new' }]));
    store.set(BUCKET, 'zip/b.zip', zipOf([{ name: 'b.txt', content: 'b' }]));
    store.set(BUCKET, 'large', Buffer.alloc(MEBIBYTE + 1));
    // Large lists are read one after the other, so this one keeps the archive waiting.
    const signal = new AbortController().signal;
    const large = await deps.lists.open(store, { bucket: BUCKET, key: 'large' }, 2 * MEBIBYTE, signal);
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.before = async ({ method, key }) => {
      if (method === 'get' && key.endsWith('part-000000.ndjson')) await released;
    };
    const first = unzip(BUCKET, KEY);
    await until('the archive is read', () =>
      store.calls.some(({ method, key }) => method === 'read' && key === KEY),
    );
    const other = unzip(BUCKET, 'zip/b.zip');
    try {
      await until('the other archive is unpacked', () => store.keys(BUCKET).includes('unzip/.sluice/b.json'));
      assert.equal(store.content(BUCKET, 'unzip/a/c/new.txt'), undefined);
    } finally {
      large?.close();
      release();
    }
    assert.equal((await other).outcome, 'completed');
    assert.equal((await first).outcome, 'completed');
    assert.equal(String(store.content(BUCKET, 'unzip/a/c/new.txt')), 'new');
    assert.equal(store.content(BUCKET, 'unzip/a/old.txt'), undefined);
  });
