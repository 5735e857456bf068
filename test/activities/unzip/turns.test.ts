import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesInTurns } from '../../../activities/unzip/files-in-turns.ts';
import { summarizeInChildIfLarge } from '../../../activities/unzip/plan-in-child-process.ts';
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

test('searching a small archive for other archives does not block the process, and stops when it is cancelled', async () => {
  const prefix = Buffer.alloc(4 * 1024 * 1024, 'ustar00000000');
  const bytes = zipOf([{ name: 'a' }], { prefix });
  let planned: unknown;
  const turns = await turnsDuring(async () => {
    planned = await planSmall(bytes);
  });
  assert.ok(planned);
  assert.ok(turns > 10, String(turns));
  await assert.rejects(planSmall(bytes, AbortSignal.abort(new Error('cancelled'))), /cancelled/);
});

function planSmall(
  bytes: Buffer,
  signal = new AbortController().signal,
): ReturnType<typeof planSmallArchive> {
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
  return planSmallArchive(deps, archive, bytes, signal);
}

test('reading megabytes of names, none of them of a file, does not block the process', async () => {
  const { directory } = directoryOf(invalidNames('__MACOSX/'));
  const rules = { charset: 'gb18030', twoByteUtf8: false, unsafe: 'fail' as const, strip: '' };
  const turns = await turnsDuring(async () => {
    for await (const { path } of filesInTurns(directory, rules)) assert.fail(path);
  });
  assert.ok(turns > 10, String(turns));
});

/** A directory of this many entries, in reverse order of their data. */
function largeDirectory(entries: number): { readonly directory: Buffer; readonly end: number } {
  const directory = Buffer.alloc(entries * 47);
  for (let entry = 0; entry < entries; entry++) {
    const at = entry * 47;
    directory.writeUInt32LE(0x02014b50, at);
    directory.writeUInt16LE(1, at + 28);
    directory.writeUInt32LE((entries - 1 - entry) * 31, at + 42);
    directory.writeUInt8(0x61, at + 46);
  }
  return { directory, end: entries * 31 };
}

test('searching a directory of 300,000 entries in no order does not block the process', async () => {
  const { directory, end } = largeDirectory(300_000);
  const options = { shift: 0, directoryStart: end, maxEntries: 1_000_000 };
  const summarize = summarizeInChildIfLarge(defaultLimits, new AbortController().signal);
  let summary: unknown;
  const turns = await turnsDuring(async () => {
    summary = await summarize(directory, options);
  });
  assert.deepEqual(summary, { entries: 300_000, first: 0, gaps: [] });
  // In this process, only the first turn would run.
  assert.ok(turns > 100, String(turns));
});

test('an error of the process that searches a directory is the same as without another process', async () => {
  const { directory, end } = largeDirectory(40_000);
  const summarize = summarizeInChildIfLarge(defaultLimits, new AbortController().signal);
  const options = { shift: 0, directoryStart: end, maxEntries: 39_999 };
  await assert.rejects(async () => summarize(directory, options), {
    ...{ type: 'LimitExceeded', why: 'it has more than 39999 entries' },
  });
  directory[40_000 * 47 - 47] = 0;
  await assert.rejects(async () => summarize(directory, { ...options, maxEntries: 50_000 }), {
    ...{ type: 'CorruptArchive', why: /no entry starts there/ },
  });
});
