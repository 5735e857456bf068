import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startCloud } from '../local-cloud.ts';

const python = process.env.SLUICE_TEST_PYTHON || 'python3';
const available = spawnSync(python, ['-c', 'import oss2'], { timeout: 30_000 }).status === 0;
const skip = available
  ? false
  : `${python} has no oss2: run pip install oss2==2.19.1, or set SLUICE_TEST_PYTHON to another Python`;
if (!available) console.log(`SKIPPED: the test of the local OSS with oss2, because ${skip}`);

/** The script is not compiled, so its path is in the source folder. */
const tour = fileURLToPath(new URL('../../../../test/local/oss/oss2-tour.py', import.meta.url));

for (const version of ['v1', 'v4']) {
  test(`oss2 with signatures ${version} can use every operation that the unzip job needs`, {
    skip,
    timeout: 300_000,
  }, async (t) => {
    const endpoint = (await startCloud(t)).replace('localhost', '127.0.0.1');
    const { stderr } = await promisify(execFile)(python, [tour, endpoint, version], { timeout: 50_000 });
    assert.equal(stderr, '');
  });
}
