/** Chooses the test files that run for a mutant. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A test file that takes longer counts as an integration test. It runs only if no fast test notices the mutant. */
const FAST_MS = 5_000;

/** Integration tests are chosen for a mutant until their durations without mutants add up to this. */
const INTEGRATION_MS = 90_000;

/**
 * Returns the fast ones of these tests, then integration tests until their time is used up. The tests of the mutant's
 * folder are chosen before others, because they were written for its code.
 */
export function chooseTests(tests, file) {
  const ofFolder = `test/${dirname(file)}/`;
  const [own, others] = [true, false].map((isOwn) =>
    tests.filter(({ test }) => test.startsWith(ofFolder) === isOwn).sort((a, b) => a.ms - b.ms),
  );
  let left = INTEGRATION_MS;
  const chosen = [...own, ...others].filter(({ ms }) => {
    if (ms <= FAST_MS) return true;
    if (ms > left) return false;
    left -= ms;
    return true;
  });
  const isFast = ({ ms }) => ms <= FAST_MS;
  return [...chosen.filter(isFast), ...chosen.filter((each) => !isFast(each))];
}

const bundleLoaders = new Map();

/**
 * Checks whether a compiled test file, or a file of test/ that it imports, uses the bundle or starts a worker.
 * TypeScript writes the specifiers of relative imports with double quotes.
 */
export async function loadsBundle(root, path) {
  const known = bundleLoaders.get(path);
  if (known !== undefined) return known;
  bundleLoaders.set(path, false);
  const code = await readFile(join(root, path), 'utf8').catch(() => '');
  let loads = /workflow-bundle|SluiceProcess\(\s*'worker'|prepareStart/.test(code);
  for (const [, imported] of code.matchAll(/from ["'](\.[^"']+\.js)["']/g)) {
    const target = join(dirname(path), imported);
    if (!loads && target.startsWith(join('dist', 'test'))) loads = await loadsBundle(root, target);
  }
  bundleLoaders.set(path, loads);
  return loads;
}
