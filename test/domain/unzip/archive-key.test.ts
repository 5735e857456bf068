import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { archiveKeysOf } from '../../../domain/unzip/archive-key.ts';

const extracted: readonly (readonly [key: string, base: string, destination: string, manifest: string])[] = [
  ['zip/demo.zip', 'demo', 'unzip/demo/', 'unzip/.sluice/demo.json'],
  ['zip/a/b/demo.zip', 'demo', 'unzip/a/b/demo/', 'unzip/.sluice/a/b/demo.json'],
  ['zip/demo.ZIP', 'demo', 'unzip/demo/', 'unzip/.sluice/demo.json'],
  ['zip/demo.zIp', 'demo', 'unzip/demo/', 'unzip/.sluice/demo.json'],
  ['zip/a.zip.zip', 'a.zip', 'unzip/a.zip/', 'unzip/.sluice/a.zip.json'],
  ['zip/a.zip/b.zip', 'b', 'unzip/a.zip/b/', 'unzip/.sluice/a.zip/b.json'],
  ['zip/中文 1.zip', '中文 1', 'unzip/中文 1/', 'unzip/.sluice/中文 1.json'],
  ['zip/$(rm -rf).zip', '$(rm -rf)', 'unzip/$(rm -rf)/', 'unzip/.sluice/$(rm -rf).json'],
  ['zip/x.sluice.zip', 'x.sluice', 'unzip/x.sluice/', 'unzip/.sluice/x.sluice.json'],
  ['zip/two\nlines.zip', 'two\nlines', 'unzip/two\nlines/', 'unzip/.sluice/two\nlines.json'],
];

for (const [key, base, destination, manifest] of extracted) {
  test(`extracts ${JSON.stringify(key)} into ${JSON.stringify(destination)}`, () => {
    const keys = archiveKeysOf('eb-ask', key);
    assert.equal(keys?.base, base);
    assert.equal(keys?.destination, destination);
    assert.equal(keys?.manifest, manifest);
    assert.ok(keys?.runs.startsWith('unzip/.sluice/'), 'Sluice’s own objects are under unzip/.sluice/');
  });
}

const ignored = [
  'zip/readme.txt',
  'zip/demo.zip.txt',
  'zip/demozip',
  'zip/demo.zip/',
  'zip/',
  'demo.zip',
  'other/demo.zip',
  'zipper/demo.zip',
  'unzip/demo/inner.zip',
  'a/zip/demo.zip',
  'ZIP/demo.zip',
];

for (const key of ignored) {
  test(`${key} is not an archive under zip/`, () => assert.equal(archiveKeysOf('eb-ask', key), undefined));
}

const refused = [
  'zip/.zip',
  'zip/.ZIP',
  'zip/a/.zip',
  'zip/.sluice/x.zip',
  'zip/.sluice/a/x.zip',
  'zip/.sluice.zip',
  'zip/../x.zip',
  'zip/a/../../x.zip',
  'zip/...zip/../x.zip',
  'zip/./x.zip',
  'zip//x.zip',
  'zip/...zip',
];

for (const key of refused) {
  test(`rejects ${key} with a message that names it`, () => {
    assert.throws(
      () => archiveKeysOf('eb-ask', key),
      (error) => error instanceof InvalidInput && error.message.startsWith(`archive oss://eb-ask/${key}: `),
    );
  });
}

for (const [bytes, isAccepted] of [
  [1_022, true],
  [1_023, true],
  [1_024, false],
] as const) {
  test(`an archive whose manifest would have a key of ${bytes} bytes is ${isAccepted ? 'extracted' : 'rejected'}`, () => {
    const path = `中${'x'.repeat(bytes - Buffer.byteLength('unzip/.sluice/中.json'))}`;
    const keys = () => archiveKeysOf('eb-ask', `zip/${path}.zip`);
    if (isAccepted) assert.equal(keys()?.manifest, `unzip/.sluice/${path}.json`);
    else assert.throws(keys, { type: 'RefusedKey', message: /longer than 1023 bytes$/ });
  });
}
