import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { measureSizes } from '../../../activities/unzip/measure-sizes.ts';
import { Unavailable } from '../../../domain/errors.ts';
import { readDirectory } from '../../../domain/zip/directory-record.ts';
import { LOCAL_HEADER_BYTES } from '../../../domain/zip/local-header.ts';
import { directoryOf } from '../../domain/zip/directory-of.ts';
import type { ZipEntry } from '../../support/zip-writer.ts';

const MIB = 2 ** 20;
const WRAP = 2 ** 32;

/** Deflated zeros: `pieces` times 16 MiB, and one byte. */
function deflatedZeros(pieces: number): Buffer {
  const piece = deflateRawSync(Buffer.alloc(16 * MIB), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([...Array.from({ length: pieces }, () => piece), deflateRawSync(Buffer.alloc(1))]);
}

/** Measures the sizes of an archive with one entry `a`, whose data is already deflated. */
async function measuredSize(data: Buffer, declared: NonNullable<ZipEntry['declared']>, maxBytes = 2 * WRAP) {
  const { zip, start, length } = directoryOf([{ name: 'a', method: 0, content: data, declared }]);
  // The writer does not deflate a stored entry, so its method is changed afterwards.
  zip.writeUInt16LE(8, start + 10);
  const directory = zip.subarray(start, start + length);
  async function* read(range: { start: number; end: number }): AsyncGenerator<Buffer> {
    for (let at = range.start; at < range.end; at += MIB)
      yield zip.subarray(at, Math.min(at + MIB, range.end));
  }
  const task = { directory, wrapped: false, shift: 0, maxBytes };
  const measured = await measureSizes(task, read, new AbortController().signal);
  const [record] = readDirectory(measured);
  return { size: record?.size, isSame: measured === directory };
}

const zeros = deflatedZeros(256);

test('measures the real size of a file that has 4 GiB and one byte, but declares one byte', async () => {
  assert.deepEqual(await measuredSize(zeros, { size: 1 }), { size: WRAP + 1, isSame: false });
});

test('a file whose size is wrong in another way keeps this size, so that the extraction rejects the file', async () => {
  const few = Buffer.concat([deflatedZeros(1), Buffer.alloc(5 * MIB, 1)]);
  assert.deepEqual(await measuredSize(few, { size: 1 }), { size: 1, isSame: true });
});

test('a file whose data is damaged keeps its size, so that the extraction rejects the file', async () => {
  assert.deepEqual(await measuredSize(Buffer.alloc(5 * MIB, 0xff), { size: 1 }), { size: 1, isSame: true });
});

test('a file is not measured beyond the limit for one file', async () => {
  assert.deepEqual(await measuredSize(zeros, { size: 1 }, 64 * MIB), { size: 1, isSame: true });
});

test('a store that fails while a file is measured fails the measurement, so that it is repeated', async () => {
  const content = Buffer.alloc(5 * MIB);
  const { zip, start, length } = directoryOf([{ name: 'a', method: 0, content, declared: { size: 1 } }]);
  zip.writeUInt16LE(8, start + 10);
  const outage = new Unavailable('StoreUnavailable', 'the store does not answer');
  async function* read(range: { start: number; end: number }): AsyncGenerator<Buffer> {
    if (range.end > LOCAL_HEADER_BYTES) throw outage;
    yield zip.subarray(range.start, range.end);
  }
  const task = {
    ...{ directory: zip.subarray(start, start + length), wrapped: false },
    ...{ shift: 0, maxBytes: 2 * WRAP },
  };
  await assert.rejects(measureSizes(task, read, new AbortController().signal), outage);
});
