import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openData, streamLargeContent } from '../../../activities/unzip/entry-data.ts';
import type { DirectoryRecord } from '../../../domain/zip/directory-record.ts';

test('a large entry without data, which a plan made by an earlier version of Sluice can have, is a corrupt entry', async () => {
  const record = { method: 8, compressedSize: 0, size: 2 * 1024 * 1024, crc32: 0 } as DirectoryRecord;
  const read = async (): Promise<void> => {
    for await (const _ of streamLargeContent(record, openData(record, 'no-such-file', 100)))
      assert.fail('there is no content');
  };
  await assert.rejects(read(), { type: 'CorruptEntry' });
});
