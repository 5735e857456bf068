import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { makeZip, sampleFiles } from '../../../cli/start/sample-zip.ts';

test('an independent reader finds five files in the sample archive, one with a Chinese name', async () => {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(makeZip(sampleFiles), { lazyEntries: true, strictFileNames: true }, (error, file) =>
      file === undefined ? reject(error) : resolve(file),
    );
  });
  const open = promisify(zip.openReadStream.bind(zip)) as (
    entry: yauzl.Entry,
  ) => Promise<NodeJS.ReadableStream>;
  const found: Record<string, string> = {};
  await new Promise((resolve, reject) => {
    zip.on('error', reject).on('end', resolve);
    zip.on('entry', (entry: yauzl.Entry) => {
      open(entry)
        .then(text)
        .then((content) => {
          found[entry.fileName] = content;
          zip.readEntry();
        })
        .catch(reject);
    });
    zip.readEntry();
  });
  assert.deepEqual(found, sampleFiles);
  assert.equal(Object.keys(found).length, 5);
  assert.ok(Object.keys(found).includes('你好.txt'));
});
