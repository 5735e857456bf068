import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { openData, streamLargeContent } from '../../../activities/unzip/entry-data.ts';
import type { DirectoryRecord } from '../../../domain/zip/directory-record.ts';

test('a large entry without data, which plans of earlier versions of Sluice can have, fails with CorruptEntry', async () => {
  const record = { method: 8, compressedSize: 0, size: 2 * 1024 * 1024, crc32: 0 } as DirectoryRecord;
  const read = async (): Promise<void> => {
    for await (const _ of streamLargeContent(record, openData(record, 'no-such-file', 100)))
      assert.fail('there is no content');
  };
  await assert.rejects(read(), { type: 'CorruptEntry' });
});

const content = Buffer.alloc(4 * 1024 * 1024, 'content ');
const deflated = deflateRawSync(content, { level: 0 });
const damaged = Buffer.from(deflated).fill(0xff, 1_000_000, 2_000_000);
const true32 = crc32(content);

/** How the stream of a deflated entry ends early, and the expected error. */
const earlyEnds: readonly (readonly [how: string, data: Buffer, size: number, error: RegExp])[] = [
  ['whose reader stops after the first piece', deflated, content.length, /^Error: the reader stops$/],
  ['with damaged data', damaged, content.length, /is damaged/],
  ['with more content than it declares', deflated, 1_000_000, /has more than the 1000000 bytes/],
];
for (const [how, data, size, error] of earlyEnds)
  test(`the source of a large entry ${how} is closed`, async () => {
    const pieces = Array.from({ length: Math.ceil(data.length / 65_536) }, (_, at) =>
      data.subarray(at * 65_536, (at + 1) * 65_536),
    );
    const source = Readable.from(pieces);
    const record = { method: 8, compressedSize: data.length, size, crc32: true32 } as DirectoryRecord;
    const read = async (): Promise<void> => {
      for await (const _ of streamLargeContent(record, source))
        if (error.source.includes('stops')) throw new Error('the reader stops');
    };
    await assert.rejects(read(), error);
    assert.equal(source.destroyed, true);
  });
