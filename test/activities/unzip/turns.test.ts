import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesInTurns } from '../../../activities/unzip/files-in-turns.ts';
import { planSmallArchive } from '../../../activities/unzip/small-entries.ts';
import type { UnzipDeps } from '../../../activities/unzip/unzip-deps.ts';
import { defaultLimits, defaultPartLimits } from '../../../domain/unzip/limits.ts';
import { directoryOf } from '../../domain/zip/directory-of.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

/** Counts how often other work of the process runs during `work`. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  try {
    await work();
  } finally {
    isDone = true;
  }
  return turns;
}

const invalidNames = (prefix: string): ZipEntry[] =>
  Array.from({ length: 100 }, (_, at) => ({
    name: Buffer.concat([Buffer.from(prefix), Buffer.alloc(60_000, 0xff), Buffer.from(String(at))]),
  }));

test('planning a small archive with megabytes of names does not block the process', async () => {
  const bytes = zipOf(invalidNames(''));
  const archive = {
    ...{ bucket: 'b', key: 'zip/a.zip', etag: 'E', size: bytes.length },
    ...{
      base: 'a',
      destination: 'unzip/a/',
      manifest: 'unzip/.sluice/a.json',
      runs: 'unzip/.sluice/.sluice/a/',
    },
  };
  const names = { charsets: ['gb18030'], unsafe: 'fail' as const };
  const deps = { limits: defaultLimits, partLimits: defaultPartLimits, names } as unknown as UnzipDeps;
  const { signal } = new AbortController();
  const turns = await turnsDuring(() =>
    assert.rejects(planSmallArchive(deps, archive, bytes, signal), { type: 'NameTooLong' }),
  );
  assert.ok(turns > 10, String(turns));
});

test('reading megabytes of names, none of them of a file, does not block the process', async () => {
  const { directory } = directoryOf(invalidNames('__MACOSX/'));
  const rules = { charset: 'gb18030', twoByteUtf8: false, unsafe: 'fail' as const, strip: '' };
  const turns = await turnsDuring(async () => {
    for await (const { path } of filesInTurns(directory, rules)) assert.fail(path);
  });
  assert.ok(turns > 10, String(turns));
});
