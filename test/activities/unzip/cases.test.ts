import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startActivities } from '../../support/activities.ts';

/** Archives that users of other tools reported, in addition to the corpus. */
const folder = process.env.ZIP_CORPUS && join(process.env.ZIP_CORPUS, '..', 'cases', 'zip');
if (!folder) console.error('\n!!! ZIP_CORPUS IS NOT SET: the archives of bug reports are NOT tested !!!\n');

interface Success {
  /** The paths below the destination. */
  readonly files: readonly string[];
  readonly skipped?: readonly { readonly name: string; readonly reason: string }[];
  readonly emptyFolders?: number;
  /** The names of files whose key differs from the name in the archive, by path. */
  readonly names?: Readonly<Record<string, string>>;
  readonly unsafe?: 'skip' | 'strip';
}

interface Failure {
  readonly type: string;
  /** The end of the message. */
  readonly why: string | RegExp;
}

const unsafeName = (why: string): Failure => ({ type: 'UnsafeName', why });
const notAZip = (why: string | RegExp): Failure => ({ type: 'NotAZip', why });

const cases: readonly (readonly [name: string, expected: Success | Failure])[] = [
  ['docx-in-zip-truncated', notAZip('it is cut off at byte 25554: its central directory is missing')],
  ['eocd-in-comment-empty', { files: ['file1', 'file2', 'file3'] }],
  [
    'eocd-size-zero',
    { type: 'CorruptArchive', why: 'its end record says that it has no entries, but it has data' },
  ],
  ['tar-with-zip-inside', notAZip('it is a tar archive, not a zip archive')],
  ['truncated-outer-inner-zip', notAZip('it is cut off at byte 314: its central directory is missing')],
  [
    'two-zips-joined',
    { type: 'CorruptArchive', why: /another archive lies in front of it, in bytes 0 to \d+;/ },
  ],
  ['dot-slash-entry', { files: ['a.txt', 'd/b.txt'] }],
  ['root-slash-entry', { files: ['a.txt', 'd/b.txt'] }],
  ['icon-cr', { files: ['photos/Icon\r', 'photos/a.jpg'] }],
  ['newline-name', { files: ['File\nWith\nSpaces.txt', 'a.txt'] }],
  ['trailing-nul', { files: ['b.txt', 'lorem1.txt'], names: { 'lorem1.txt': 'lorem1.txt\0\0\0\0' } }],
  ['dotdot-inside', unsafeName('entry "assets/../assets/0/logo.png" has a ".." segment in its name')],
  [
    'dotdot-inside',
    {
      unsafe: 'strip',
      files: ['a.txt', 'assets/0/logo.png'],
      names: { 'assets/0/logo.png': 'assets/../assets/0/logo.png' },
    },
  ],
  ['dotdot-license', unsafeName('entry "../LICENSE" would leave unzip/dotdot-license/')],
  [
    'dotdot-license',
    { unsafe: 'strip', files: ['LICENSE', 'Variable/OTF/x.otf'], names: { LICENSE: '../LICENSE' } },
  ],
  [
    'dotdot-license',
    {
      unsafe: 'skip',
      files: ['Variable/OTF/x.otf'],
      skipped: [{ name: '../LICENSE', reason: 'unsafe name' }],
    },
  ],
  [
    'drive-letter',
    unsafeName(
      '2 entries: each has an absolute path as its name: ' +
        '"C:/New Folder/New folder/2.docx", "C:/New Folder/1.docx"',
    ),
  ],
  [
    'drive-letter',
    {
      unsafe: 'strip',
      files: ['New Folder/1.docx', 'New Folder/New folder/2.docx'],
      names: {
        'New Folder/1.docx': 'C:/New Folder/1.docx',
        'New Folder/New folder/2.docx': 'C:/New Folder/New folder/2.docx',
      },
    },
  ],
  [
    'five-bad-entries',
    {
      type: 'UnsafeName',
      why: /entry "\.\.\/a" would leave unzip\/five-bad-entries\/; entry "\/b" has an absolute path as its name; entry "d+…" would need an object key longer than 1023 bytes$/,
    },
  ],
  ['backslash-host0-with-slash-dir', { files: ['baz/q.txt', 'foo/bar.txt'] }],
  ['dir-no-slash-winrar', { files: ['extension/1/2/README.md'] }],
  ['mixed-utf8-gbk', { files: ['中文.txt', '照片.jpg'] }],
  [
    'one-bad-name',
    {
      files: ['合同.pdf', '很长的文件名%D7', '照片.jpg'],
      names: { '很长的文件名%D7': '%BA%DC%B3%A4%B5%C4%CE%C4%BC%FE%C3%FB%D7' },
    },
  ],
  ['deflate-csize0', { files: ['a.txt', 'empty.txt'] }],
  ['empty-dirs', { files: ['a.txt'], emptyFolders: 2 }],
  [
    'flag-patch-deflate',
    {
      type: 'UnsupportedMethod',
      why: 'entry "a.txt" is compressed patched data (flag bit 5), which is not supported',
    },
  ],
  ['gzip-renamed', notAZip('it is gzip data, not a zip archive')],
  ['html-as-zip', notAZip('it is an HTML page, not a zip archive')],
  [
    'macosx-flatten',
    {
      files: ['a.txt'],
      skipped: [{ name: '__MACOSX/macosx-flatten/._a.txt', reason: 'macOS metadata' }],
    },
  ],
  ['rar-renamed', notAZip('it is a RAR archive, not a zip archive')],
  ['truncated-plain', notAZip('it is cut off at byte 6000: its central directory is missing')],
];

let activities: Awaited<ReturnType<typeof startActivities>>;
if (folder) {
  before(async () => {
    activities = await startActivities();
  });
  after(() => activities.stop());
}

const ways = ['in one step', 'in parts'] as const;

for (const [way, [name, expected]] of folder
  ? ways.flatMap((each) => cases.map((row) => [each, row] as const))
  : []) {
  const policy = 'files' in expected && expected.unsafe ? `, with the policy ${expected.unsafe},` : '';
  const verdict = 'files' in expected ? `is unpacked to ${expected.files.length} files` : expected.type;
  test(`${way}: ${name}${policy} ${verdict}`, async () => {
    await emptyBucket();
    const key = `zip/${name}.zip`;
    await activities.deps.store.put(
      { bucket: 'eb-ask', key },
      readFileSync(join(folder ?? '', `${name}.zip`)),
    );
    const names = { unsafe: 'files' in expected ? expected.unsafe : undefined };
    const end = await (way === 'in parts'
      ? activities.unzipInParts('eb-ask', key, names)
      : activities.unzip('eb-ask', key, names)
    ).then(
      () => undefined,
      (error: unknown) => error as { type: string; message: string; nonRetryable: boolean },
    );
    if ('type' in expected) {
      assert.ok(end?.nonRetryable, `completed, or may be retried: ${String(end)}`);
      assert.equal(end.type, expected.type);
      const why = end.message.replace(`archive oss://eb-ask/${key}: `, '');
      if (typeof expected.why === 'string') assert.equal(why, expected.why);
      else assert.match(why, expected.why);
      return;
    }
    assert.equal(end, undefined, String(end));
    await completedAs(name, expected);
  });
}

/** The archives of two tests may have the same name. */
async function emptyBucket(): Promise<void> {
  const { store } = activities.deps;
  const keys: string[] = [];
  for await (const key of store.list('eb-ask', '')) keys.push(key);
  await store.remove('eb-ask', keys);
}

async function completedAs(name: string, expected: Success): Promise<void> {
  const { store } = activities.deps;
  const manifest = { bucket: 'eb-ask', key: `unzip/.sluice/${name}.json` };
  const { objects, skipped, emptyFolders } = JSON.parse(String(await store.get(manifest, 1e6)));
  const destination = `unzip/${name}/`;
  const listed: string[] = [];
  for await (const key of store.list('eb-ask', destination)) listed.push(key.slice(destination.length));
  assert.deepEqual(listed.sort(), [...expected.files].sort());
  assert.deepEqual(objects.map(({ key }: { key: string }) => key.slice(destination.length)).sort(), listed);
  const changed = objects.filter((object: { name?: string }) => object.name !== undefined);
  assert.deepEqual(
    Object.fromEntries(
      changed.map((object: { key: string; name: string }) => [
        object.key.slice(destination.length),
        object.name,
      ]),
    ),
    expected.names ?? {},
  );
  assert.deepEqual(skipped, expected.skipped ?? []);
  assert.equal(emptyFolders, expected.emptyFolders ?? 0);
}

if (folder) {
  test('every case of the index is tested here', () => {
    const [, ...rows] = readFileSync(join(folder, 'index.tsv'), 'utf8').trim().split('\n');
    const known = new Set(cases.map(([name]) => name));
    assert.deepEqual(
      rows.map((row) => row.split('\t')[0] ?? '').filter((name) => !known.has(name)),
      [],
    );
  });
}
