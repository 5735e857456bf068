import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ObjectStore } from '../../ports/object-store.ts';

/** Archives that users of other tools reported, in addition to the corpus. Empty if `ZIP_CORPUS` is not set. */
export const casesFolder = process.env.ZIP_CORPUS ? join(process.env.ZIP_CORPUS, '..', 'cases', 'zip') : '';
if (!casesFolder)
  console.error('\n!!! ZIP_CORPUS IS NOT SET: the archives of bug reports are NOT tested !!!\n');

export interface ZipSuccess {
  /** The paths below the destination. */
  readonly files: readonly string[];
  readonly skipped?: readonly { readonly name: string; readonly reason: string }[];
  readonly emptyFolders?: number;
  /** The names of files whose key differs from the name in the archive, by path. */
  readonly names?: Readonly<Record<string, string>>;
  readonly unsafe?: 'skip' | 'strip';
}

export interface ZipFailure {
  readonly type: string;
  /** The end of the message. */
  readonly why: string | RegExp;
}

const unsafeName = (why: string): ZipFailure => ({ type: 'UnsafeName', why });
const notAZip = (why: string | RegExp): ZipFailure => ({ type: 'NotAZip', why });

export const zipCases: readonly (readonly [name: string, expected: ZipSuccess | ZipFailure])[] = [
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
  ['dot-slash-entry', { files: ['a.txt', 'd/b.txt'], names: { 'a.txt': './a.txt', 'd/b.txt': './d/b.txt' } }],
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
  [
    'backslash-host0-with-slash-dir',
    {
      files: ['baz/q.txt', 'foo/bar.txt'],
      names: { 'baz/q.txt': 'baz\\q.txt', 'foo/bar.txt': 'foo\\bar.txt' },
    },
  ],
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

/** Returns the name of the test of a case. */
export function caseTitle(name: string, expected: ZipSuccess | ZipFailure): string {
  const policy = 'files' in expected && expected.unsafe ? `, with the policy ${expected.unsafe},` : '';
  return `${name}${policy} ${'files' in expected ? `is unpacked to ${expected.files.length} files` : expected.type}`;
}

/** Checks the end of the message of a failed case. */
export function checkFailure(message: string, key: string, { why }: ZipFailure): void {
  const found = message.replace(`archive oss://eb-ask/${key}: `, '');
  if (typeof why === 'string') assert.equal(found, why);
  else assert.match(found, why);
}

/** Checks the objects and the manifest of the archive `zip/<name>.zip`. */
export async function checkSuccess(
  store: Pick<ObjectStore, 'get' | 'list'>,
  name: string,
  expected: ZipSuccess,
): Promise<void> {
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
