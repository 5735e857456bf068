import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { defaultLimits, defaultPartLimits } from '../../../domain/unzip/limits.ts';
import { filesToExtract } from '../../../domain/zip/entry-name-rules.ts';
import { findDirectory } from '../../../domain/zip/find-directory.ts';
import { planArchive } from '../../../domain/zip/plan-archive.ts';
import { seededRandom } from '../../../local/faults/seeded-random.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

const random = seededRandom(14);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));

/** A file of an archive as text: path, size and CRC-32. */
type Files = readonly string[];

/** Returns the files of an archive, or undefined if it is rejected. Any error but `InvalidInput` fails the test. */
async function filesOf(file: Buffer): Promise<Files | undefined> {
  try {
    const read = async (start: number, end: number): Promise<Buffer> => file.subarray(start, end);
    const source = { size: file.length, read };
    const found = await findDirectory(source, { subject: 's', maxDirectoryBytes: 1_000_000 });
    const { directory, start, length, shift } = found;
    const { naming } = planArchive({
      ...{ subject: 's', base: 'base', destination: 'unzip/base/', directory },
      ...{ candidate: { start, length, shift }, limits: defaultLimits, budget: defaultPartLimits },
      names: { charsets: ['gb18030'], unsafe: 'fail' },
    });
    return Array.from(
      filesToExtract(directory, naming),
      ({ record, path }) => `${path} ${record.size} ${record.crc32}`,
    );
  } catch (error) {
    assert.ok(error instanceof InvalidInput, error instanceof Error ? error.stack : String(error));
    return undefined;
  }
}

/** Names as in a docx, a jar, an apk, and plain ones. */
const kinds: readonly (readonly string[])[] = [
  ['[Content_Types].xml', '_rels/.rels', 'word/document.xml', 'docProps/app.xml'],
  ['META-INF/', 'META-INF/MANIFEST.MF', 'org/example/Main.class'],
  ['AndroidManifest.xml', 'classes.dex', 'resources.arsc', 'lib/arm64-v8a/libmain.so'],
  ['readme.txt', 'data/a.bin', 'data/b.bin', '照片/一.jpg'],
];

/** An archive with up to two levels of archives inside, stored or deflated, with and without a comment. */
function randomArchive(depth = 2): Buffer {
  const entries = pick(kinds).map((name): ZipEntry => {
    const content = name.endsWith('/') ? Buffer.alloc(0) : bytes(below(200));
    return { name, content, method: pick([0, 8]) };
  });
  if (depth > 0 && below(2) === 0) {
    const inner = { name: pick(['inner.zip', 'report.docx', 'app.jar']), content: randomArchive(depth - 1) };
    entries.splice(below(entries.length + 1), 0, { ...inner, method: pick([0, 0, 8]) });
  }
  return zipOf(entries, below(3) === 0 ? { comment: bytes(below(60)) } : {});
}

test('2,000 archives that are cut at a random byte give all their files or none', async () => {
  let complete = 0;
  for (let at = 0; at < 2_000; at++) {
    const archive = randomArchive();
    const whole = await filesOf(archive);
    assert.ok(whole, 'the whole archive is read');
    const cut = below(archive.length);
    const files = await filesOf(archive.subarray(0, cut));
    // A cut inside the comment loses no file. Without its comment, an archive is complete.
    if (files !== undefined) complete++;
    assert.deepEqual(files ?? whole, whole, `archive ${at}, cut at byte ${cut} of ${archive.length}`);
  }
  console.log(`# ${complete} of 2,000 cut archives were complete except for their comment`);
});

/** Each function returns the bytes in front of an archive, or the bytes behind it. */
const surroundings: readonly (readonly [name: string, around: () => { before?: Buffer; after?: Buffer }])[] =
  [
    ['another archive before it', () => ({ before: randomArchive() })],
    ['another archive after it', () => ({ after: randomArchive() })],
    ['a part of another archive before it', () => ({ before: randomArchive().subarray(0, 40 + below(100)) })],
    ['random bytes before it', () => ({ before: bytes(1 + below(500)) })],
    ['random bytes after it', () => ({ after: bytes(1 + below(500)) })],
    ['a script before it', () => ({ before: Buffer.from(`#!/bin/sh\nexit ${below(9)}\n`) })],
    ['zeros after it', () => ({ after: Buffer.alloc(1 + below(600)) })],
    ['zeros before it', () => ({ before: Buffer.alloc(512) })],
  ];
for (const [name, around] of surroundings) {
  test(`200 archives with ${name} give all their files or none`, async () => {
    let read = 0;
    for (let at = 0; at < 200; at++) {
      const archive = randomArchive();
      const whole = await filesOf(archive);
      const { before = Buffer.alloc(0), after = Buffer.alloc(0) } = around();
      const files = await filesOf(Buffer.concat([before, archive, after]));
      if (files !== undefined) read++;
      const isOther = (await filesOf(before)) !== undefined || (await filesOf(after)) !== undefined;
      assert.deepEqual(files, isOther ? undefined : files && whole, `archive ${at}`);
    }
    console.log(`# ${read} of 200 were read`);
  });
}
