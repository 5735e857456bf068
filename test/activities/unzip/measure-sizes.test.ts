import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { measureSizes } from '../../../activities/unzip/measure-sizes.ts';
import { Unavailable } from '../../../domain/errors.ts';
import { LOCAL_HEADER_BYTES } from '../../../domain/zip/local-header.ts';
import { directoryOf } from '../../domain/zip/directory-of.ts';
import { unmeasuredPlanOf } from '../../domain/zip/plan-of.ts';

const MIB = 2 ** 20;
const WRAP = 2 ** 32;

/** Deflated zeros: `pieces` times 16 MiB, and one byte. */
function deflatedZeros(pieces: number): Buffer {
  const piece = deflateRawSync(Buffer.alloc(16 * MIB), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([...Array.from({ length: pieces }, () => piece), deflateRawSync(Buffer.alloc(1))]);
}

/** An archive with one entry for each of these data, which are already deflated. Each entry declares this size. */
function archiveOf(data: readonly Buffer[], size: number) {
  const entries = data.map((content, at) => ({ name: `${at}`, method: 0, content, declared: { size } }));
  const { zip, start, length } = directoryOf(entries);
  // The writer does not deflate a stored entry, so its method is changed afterwards.
  for (let row = 0; row < data.length; row++) zip.writeUInt16LE(8, start + row * 47 + 10);
  const planned = unmeasuredPlanOf(zip.subarray(start, start + length), start);
  const filesOfUnknownSize = 'filesOfUnknownSize' in planned ? planned.filesOfUnknownSize : [];
  async function* read(range: { start: number; end: number }): AsyncGenerator<Buffer> {
    for (let at = range.start; at < range.end; at += MIB)
      yield zip.subarray(at, Math.min(at + MIB, range.end));
  }
  return { zip, filesOfUnknownSize, read };
}

const limits = { subject: 'archive oss://b/zip/a.zip', maxBytes: 4 * WRAP, maxFileBytes: 2 * WRAP };

/** Measures the size of an archive with one entry, whose data is already deflated. */
async function measuredSize(data: Buffer, { size }: { size: number }, maxFileBytes = limits.maxFileBytes) {
  const { filesOfUnknownSize, read } = archiveOf([data], size);
  assert.equal(filesOfUnknownSize.length, 1);
  const task = { ...limits, filesOfUnknownSize, maxFileBytes };
  return (await measureSizes(task, read, new AbortController().signal)).get(0);
}

const zeros = deflatedZeros(256);

test('measures the real size of a file that has 4 GiB and one byte, but declares one byte', async () => {
  assert.equal(await measuredSize(zeros, { size: 1 }), WRAP + 1);
});

test('a file whose size is wrong in another way keeps this size, so that the extraction rejects the file', async () => {
  const few = Buffer.concat([deflatedZeros(1), Buffer.alloc(5 * MIB, 1)]);
  assert.equal(await measuredSize(few, { size: 1 }), undefined);
});

test('a file whose data is damaged keeps its size, so that the extraction rejects the file', async () => {
  assert.equal(await measuredSize(Buffer.alloc(5 * MIB, 0xff), { size: 1 }), undefined);
});

test('a file is not measured beyond the limit for one file', async () => {
  assert.equal(await measuredSize(zeros, { size: 1 }, 64 * MIB), undefined);
});

test('a store that fails while a file is measured fails the measurement, so that it is repeated', async () => {
  const { zip, filesOfUnknownSize } = archiveOf([Buffer.alloc(5 * MIB)], 1);
  const outage = new Unavailable('StoreUnavailable', 'the store does not answer');
  async function* read(range: { start: number; end: number }): AsyncGenerator<Buffer> {
    if (range.end > LOCAL_HEADER_BYTES) throw outage;
    yield zip.subarray(range.start, range.end);
  }
  const task = { ...limits, filesOfUnknownSize };
  await assert.rejects(measureSizes(task, read, new AbortController().signal), outage);
});

test('files that inflate to more bytes together than an archive may have are not measured to their end', async () => {
  const { filesOfUnknownSize, read } = archiveOf(
    Array.from({ length: 3 }, () => Buffer.concat([deflatedZeros(1), Buffer.alloc(5 * MIB, 1)])),
    1,
  );
  const measure = (maxBytes: number) =>
    measureSizes({ ...limits, filesOfUnknownSize, maxBytes }, read, new AbortController().signal);
  await assert.rejects(measure(40 * MIB), {
    type: 'LimitExceeded',
    message: `archive oss://b/zip/a.zip: its files have more than ${40 * MIB} bytes`,
  });
  assert.equal((await measure(3 * (16 * MIB + 1))).size, 0);
});

test('a measurement continues after the files that an earlier attempt has measured, and counts their bytes', async () => {
  const few = Buffer.concat([deflatedZeros(1), Buffer.alloc(5 * MIB, 1)]);
  const { filesOfUnknownSize, read } = archiveOf([few, few, few], 1);
  const [first, second, third] = filesOfUnknownSize.map(({ localHeaderAt }) => localHeaderAt);
  const sizes = [[filesOfUnknownSize[0]?.recordAt ?? 0, WRAP + 1]] as const;
  const previous = { lastHeaderAt: first ?? 0, bytes: WRAP + 1, sizes };
  const readFrom: number[] = [];
  const progress: unknown[] = [];
  const measure = (maxBytes: number) =>
    measureSizes(
      {
        ...limits,
        filesOfUnknownSize,
        maxBytes,
        previous,
        onMeasured: (measured) => progress.push(measured),
      },
      (range) => {
        readFrom.push(range.start);
        return read(range);
      },
      new AbortController().signal,
    );
  assert.deepEqual([...(await measure(limits.maxBytes))], sizes);
  assert.ok(!readFrom.includes(first ?? 0));
  assert.ok(readFrom.includes(second ?? 0) && readFrom.includes(third ?? 0));
  assert.deepEqual(progress, [
    { lastHeaderAt: second, bytes: WRAP + 16 * MIB + 2, sizes },
    { lastHeaderAt: third, bytes: WRAP + 32 * MIB + 3, sizes },
  ]);
  await assert.rejects(measure(WRAP + 32 * MIB), { type: 'LimitExceeded' });
});

test('the time of earlier attempts counts, so that a slow file is not measured again and again', async () => {
  const { filesOfUnknownSize, read } = archiveOf([zeros], 1);
  const measure = (previousMs: number) => {
    const times: number[] = [];
    const task = { ...limits, filesOfUnknownSize, previousMs, onTime: (ms: number) => void times.push(ms) };
    return { times, end: measureSizes(task, read, new AbortController().signal) };
  };
  const minuteBefore = measure(2 * 3_600_000 - 60_000);
  await minuteBefore.end;
  assert.ok(minuteBefore.times.length > 1);
  assert.ok(minuteBefore.times.every((ms) => ms >= 2 * 3_600_000 - 60_000));
  await assert.rejects(measure(2 * 3_600_000 + 1).end, {
    name: 'InvalidInput',
    type: 'LimitExceeded',
    message: `${limits.subject}: measuring its files over 4 GiB takes longer than 120 minutes`,
  });
});
