import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startCloud } from '../local-cloud.ts';

const python = process.env.SLUICE_TEST_PYTHON || 'python3';
const here = spawnSync(python, ['-c', 'import oss2'], { timeout: 30_000 }).status === 0;
const skip = here
  ? false
  : `${python} has no oss2: pip install oss2==2.19.1, or name another with SLUICE_TEST_PYTHON`;
if (!here) console.log(`NOT RUN: the tour of the local OSS with oss2, since ${skip}`);

/** The script is not compiled, so it is taken from the source beside the built tests. */
const tour = fileURLToPath(new URL('../../../../test/local/oss/oss2-tour.py', import.meta.url));

for (const version of ['v1', 'v4']) {
  test(`oss2 with signatures ${version} does all that the job needs`, {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const endpoint = (await startCloud(t)).replace('localhost', '127.0.0.1');
    const { stderr } = await promisify(execFile)(python, [tour, endpoint, version], { timeout: 50_000 });
    assert.equal(stderr, '');
  });
}
