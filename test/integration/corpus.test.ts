import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { corpusRows } from '../support/corpus-rows.ts';
import { type PythonFile, readWithPython } from '../support/python-zip.ts';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { waitForRunEnd } from '../support/wait-for-run-end.ts';
import { toolDifferences } from './corpus-tool-differences.ts';

const zips = join(process.env.ZIP_CORPUS ?? '', 'zips');
const rows = corpusRows();
const python = rows.length === 0 ? undefined : readWithPython(rows.map(({ file }) => join(zips, file)));
if (rows.length > 0 && python === undefined)
  console.error('\n!!! THERE IS NO python3: names and contents are NOT compared with those of Python !!!\n');

let system: System;
// Without archives no server is needed, and the test runner would not wait for `before`.
if (rows.length > 0) {
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());
}

const nameOf = (file: string): string => `corpus/${file.replaceAll(/[^a-zA-Z0-9]/g, '-')}`;

describe('archives of other projects', { concurrency: 8 }, () => {
  for (const [index, { file, verdict, why, toolsThatReadIt }] of rows.entries()) {
    test(`${file} that lands in the bucket is ${verdict === 'OK' ? 'unpacked' : verdict}: ${why}`, async () => {
      const name = nameOf(file);
      await system.put(`zip/${name}.zip`, readFileSync(join(zips, file)));
      const end = await waitForRunEnd(system, `zip/${name}.zip`);
      if (verdict !== 'OK') {
        assert.equal(end.status, 'failed');
        if (verdict !== 'rejected') assert.equal(end.type, verdict);
        assert.match(end.message, new RegExp(`^archive oss://${BUCKET}/zip/${name}.zip: .`));
        assert.equal(await system.get(`unzip/.sluice/${name}.json`), undefined);
        assert.deepEqual(await system.keys(`unzip/${name}/`), []);
        return;
      }
      assert.equal(end.status, 'completed', end.message);
      const theirs = python?.[index];
      if (toolsThatReadIt >= 3 && theirs !== undefined) await agreesWithPython(file, theirs);
    });
  }
});

/** Compares the names and contents of all written objects with the files that Python reads. */
async function agreesWithPython(file: string, pythonFiles: readonly PythonFile[]): Promise<void> {
  const prefix = `unzip/${nameOf(file)}/`;
  const different = toolDifferences[file];
  if (different !== undefined) console.log(`# ${file}: ${different.why}`);
  const expected = pythonFiles.flatMap(({ name, rawName, sha256 }) => {
    if (different?.files !== undefined && name in different.files) {
      const path = different.files[name];
      return path === undefined ? [] : [`${path} ${sha256}`];
    }
    const path = different?.charset ? new TextDecoder(different.charset).decode(rawName) : name;
    return [`${path} ${sha256}`];
  });
  const found = await Promise.all(
    (await system.keys(prefix)).map(async (key) => {
      const content = await system.get(key);
      return `${key.slice(prefix.length)} ${createHash('sha256')
        .update(content ?? '')
        .digest('hex')}`;
    }),
  );
  if (different?.otherArchive) {
    assert.notDeepEqual(found.sort(), expected.sort());
    assert.deepEqual(
      found.map((each) => each.split(' ')[0]),
      different.otherArchive,
    );
    return;
  }
  assert.deepEqual(found.sort(), expected.sort());
}
