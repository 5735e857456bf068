import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { waitForRunEnd } from '../support/wait-for-run-end.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem();
});
after(() => system.stop());

const badArchives: readonly (readonly [
  why: string,
  name: string,
  body: Buffer,
  type: string,
  message: RegExp,
])[] = [
  ['a file that is not a zip', 'text', Buffer.from('just some text'), 'NotAZip', /not a zip archive/],
  [
    'a truncated zip',
    'cut',
    zipOf([{ name: 'a', content: 'a' }]).subarray(0, 40),
    'NotAZip',
    /is cut off at byte 40: its central directory is missing/,
  ],
  [
    'an encrypted entry',
    'locked',
    zipOf([{ name: 's', content: 'x', flags: 0x801 }]),
    'EncryptedEntry',
    /"s" is encrypted/,
  ],
  [
    'an unsupported compression method',
    'lzma',
    zipOf([{ name: 'm', content: 'x', method: 14 }]),
    'UnsupportedMethod',
    /LZMA/,
  ],
  [
    'a name outside the destination',
    'slip',
    zipOf([{ name: '../x', content: 'x' }]),
    'UnsafeName',
    /"\.\.\/x" would leave unzip\/bad\/slip\//,
  ],
  [
    'a wrong CRC-32',
    'crc',
    zipOf([{ name: 'c', content: 'x', declared: { crc32: 1 } }]),
    'CorruptEntry',
    /declares 00000001/,
  ],
  [
    'a wrong size',
    'size',
    zipOf([{ name: 'z', content: 'xx', declared: { size: 1 } }]),
    'CorruptEntry',
    /more than the 1 bytes/,
  ],
  [
    'damaged data',
    'hurt',
    zipOf([{ name: 'h', content: randomBytes(99), damage: true }]),
    'CorruptEntry',
    /"h"/,
  ],
  [
    'overlapping entries',
    'bomb',
    zipOf([
      { name: 'o', content: 'x' },
      { name: 'p', content: 'x', declared: { localOffset: 0 } },
    ]),
    'OverlappingEntries',
    /shares bytes/,
  ],
];
for (const [why, name, body, type, message] of badArchives) {
  test(`${why}: the run fails with ${type} and a message, and writes no manifest`, async () => {
    const key = `zip/bad/${name}.zip`;
    await system.put(key, body);
    const end = await waitForRunEnd(system, key);
    assert.equal(end.status, 'failed');
    assert.equal(end.type, type);
    assert.match(end.message, new RegExp(`^archive oss://${BUCKET}/${key}: `));
    assert.match(end.message, message);
    assert.equal(await system.get(`unzip/.sluice/bad/${name}.json`), undefined);
  });
}
