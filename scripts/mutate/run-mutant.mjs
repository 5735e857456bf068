/** Runs the tests that can notice a mutant. */
import { createHash } from 'node:crypto';
import { chooseTests, loadsBundle } from './choose-tests.mjs';
import { testsOf } from './coverage.mjs';
import { compiledPath, runTestFile } from './project-copy.mjs';

/** The time limit of a test file with a mutant: its duration without mutants times `SLOWDOWN`, plus `GRACE_MS`. */
const SLOWDOWN = 3;
const GRACE_MS = 10_000;

/** Identifies the tests that can notice a mutant, and their texts. */
export async function testsKey(copy, mutant, { coverage, isInBundle }) {
  const tests = chooseTests(await testsThatRun(coverage, copy.root, mutant, isInBundle), mutant.file);
  const texts = tests.map(({ test }) => `${test} ${coverage[test].hash}`).sort();
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 12);
}

/**
 * Returns the outcome of a mutant: `{status, by, ms}`. `killed`: the test file `by` fails with the mutant, and succeeds
 * without it. `killed by a time limit`: the same, but it fails because it exceeds its time limit. `survived`: all tests
 * succeed. `not covered`: no test runs the line.
 */
export async function runMutant(copy, mutant, { coverage, code, isInBundle, temporal, signal }) {
  const began = Date.now();
  const end = (status, by) => ({ status, ...(by === undefined ? {} : { by }), ms: Date.now() - began });
  const tests = chooseTests(await testsThatRun(coverage, copy.root, mutant, isInBundle), mutant.file);
  if (tests.length === 0) return end('not covered');
  let restore;
  const put = async () => {
    restore ??= await copy.replaceCode(mutant.file, code, { isInBundle });
  };
  const takeOut = async () => {
    await restore?.();
    restore = undefined;
  };
  try {
    for (const { test, ms } of tests) {
      const run = (timeoutMs) => runTestFile(copy.root, test, { temporal, timeoutMs, signal });
      await put();
      const { passed, timedOut } = await run(ms * SLOWDOWN + GRACE_MS);
      if (passed) continue;
      // The test may also fail because the machine is slow now. So it must succeed without the mutant.
      await takeOut();
      const unmutated = await run(ms * 10 + GRACE_MS);
      if (!unmutated.passed) continue;
      if (timedOut && unmutated.ms > ms * 2) {
        await put();
        if ((await run(unmutated.ms * SLOWDOWN + GRACE_MS)).passed) continue;
      }
      return end(timedOut ? 'killed by a time limit' : 'killed', test);
    }
    return end('survived');
  } finally {
    await takeOut();
  }
}

/**
 * Workflows run from a bundle. The lines of the bundle are not mapped to source lines. So for code in the bundle, all
 * tests that load the bundle run.
 */
async function testsThatRun(coverage, root, { file, line }, isInBundle) {
  const tests = await testsOf(coverage, file, line);
  if (!isInBundle) return tests;
  const known = new Set(tests.map(({ test }) => test));
  const others = [];
  for (const [test, { passed, ms }] of Object.entries(coverage))
    if (passed && !known.has(test) && (await loadsBundle(root, compiledPath(test))))
      others.push({ test, ms });
  return [...tests, ...others];
}
