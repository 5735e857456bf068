import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadScript } from './load.ts';

const { chooseTests, loadsBundle } = await loadScript('mutate/choose-tests');
const root = fileURLToPath(new URL('../../../', import.meta.url));

const seconds = (test: string, duration: number) => ({ test, ms: duration * 1_000 });
const namesFor = (file: string, tests: Parameters<typeof chooseTests>[0]) =>
  chooseTests(tests, file).map((each) => each.test);

test('all fast tests are chosen, and integration tests of up to 90 s together, the fastest first', () => {
  const tests = [
    ...[seconds('c', 50), seconds('b', 40), seconds('d', 51), seconds('a', 6)],
    ...[seconds('fast', 5), seconds('faster', 1)],
  ];
  assert.deepEqual(namesFor('workflows/x.ts', tests), ['faster', 'fast', 'a', 'b']);
});

test('the integration tests of the folder of the code are chosen before faster ones of other folders', () => {
  const tests = [
    ...[seconds('test/gateway/a.test.ts', 10), seconds('test/cli/b.test.ts', 70)],
    ...[seconds('test/workflows/c.test.ts', 20), seconds('test/api/d.test.ts', 1)],
  ];
  assert.deepEqual(namesFor('workflows/x.ts', tests), [
    ...['test/api/d.test.ts', 'test/workflows/c.test.ts', 'test/gateway/a.test.ts'],
  ]);
});

const loaders: readonly (readonly [name: string, file: string, loads: boolean])[] = [
  ['names the bundle itself', 'workflows/replay', true],
  ['imports a file that names the bundle', 'workflows/unzip-archive', true],
  ['starts a worker', 'worker/health', true],
  ['does none of these', 'domain/backoff', false],
];
for (const [name, file, loads] of loaders)
  test(`a test that ${name} ${loads ? 'can' : 'cannot'} notice a mutant in the bundle`, async () =>
    assert.equal(await loadsBundle(root, `dist/test/${file}.test.js`), loads));
