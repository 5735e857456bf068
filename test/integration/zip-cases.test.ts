import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import OSS from 'ali-oss';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { waitForRunEnd } from '../support/wait-for-run-end.ts';
import { casesFolder, caseTitle, checkFailure, checkSuccess, zipCases } from '../support/zip-cases.ts';

let system: System;
let oss: OSS;
if (casesFolder) {
  before(async () => {
    system = await startSystem();
    oss = new OSS({
      ...{ endpoint: system.ossEndpoint.replace('localhost', '127.0.0.1'), bucket: BUCKET, secure: false },
      ...{ accessKeyId: 'local', accessKeySecret: 'local-secret' },
    });
  });
  after(() => system.stop());
}

for (const [name, expected] of casesFolder ? zipCases : []) {
  test(`an upload to the bucket: ${caseTitle(name, expected)}`, async () => {
    const unsafe = 'files' in expected ? expected.unsafe : undefined;
    // The same archive again, with another policy, would be the same version of the same object.
    const target = unsafe === undefined ? name : `${unsafe}/${name}`;
    const key = `zip/${target}.zip`;
    const headers = unsafe === undefined ? {} : { 'x-oss-meta-sluice-unsafe': unsafe };
    await oss.put(key, readFileSync(join(casesFolder, `${name}.zip`)), { headers });
    const end = await waitForRunEnd(system, key);
    if ('files' in expected) {
      assert.equal(end.status, 'completed', end.message);
      await checkSuccess(system.store, target, expected);
      return;
    }
    assert.equal(end.status, 'failed');
    assert.equal(end.type, expected.type);
    checkFailure(end.message, key, expected);
    assert.equal(await system.get(`unzip/.sluice/${target}.json`), undefined);
  });
}

if (casesFolder) {
  test('every case of the index is tested here', () => {
    const [, ...rows] = readFileSync(join(casesFolder, 'index.tsv'), 'utf8').trim().split('\n');
    const known = new Set(zipCases.map(([name]) => name));
    assert.deepEqual(
      rows.map((row) => row.split('\t')[0] ?? '').filter((name) => !known.has(name)),
      [],
    );
  });
}
