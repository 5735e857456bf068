import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import { loadScript } from './load.ts';

const { changedLines, drawMutants } = await loadScript('mutate/choose-mutants');
const { summarise, survivors, table } = await loadScript('mutate/report');

const mutants = (count: number, kind: string) => Array.from({ length: count }, (_, at) => ({ kind, at }));

test('each folder gets 15 mutants, or all if it has fewer, and the rest of the count is divided in proportion to the numbers of mutants', () => {
  const byFolder = { small: mutants(20, 'a'), large: mutants(200, 'a'), tiny: mutants(3, 'a') };
  const drawn = drawMutants(byFolder, { count: 100, random: seededRandom(1) });
  const counts = Object.values(byFolder).map((all) => drawn.filter((mutant) => all.includes(mutant)).length);
  assert.deepEqual(counts, [20, 64, 3]);
});

test('within a folder, a rare kind of mistake is drawn as often as a frequent one', () => {
  const byFolder = { all: [...mutants(1_000, 'frequent'), ...mutants(100, 'rare')] };
  const drawn = drawMutants(byFolder, { count: 100, random: seededRandom(2) });
  const rare = drawn.filter(({ kind }) => kind === 'rare').length;
  assert.ok(rare > 35 && rare < 65, `${rare} of 100`);
});

test('the same seed draws the same mutants', () => {
  const draw = (seed: number) =>
    drawMutants({ all: mutants(500, 'a') }, { count: 20, random: seededRandom(seed) }).map(({ at }) => at);
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('the changed lines of a diff have the line numbers of the new files', () => {
  const diff = [
    'diff --git a/x.ts b/x.ts',
    '--- a/x.ts',
    '+++ b/x.ts',
    '@@ -1,2 +1,3 @@ function',
    '@@ -9 +11 @@',
    '@@ -20,2 +22,0 @@',
    '--- a/y.ts',
    '+++ b/y.ts',
    '@@ -0,0 +1,2 @@',
  ].join('\n');
  const found = Object.fromEntries([...changedLines(diff)].map(([file, lines]) => [file, [...lines]]));
  assert.deepEqual(found, { 'x.ts': [1, 2, 3, 11], 'y.ts': [1, 2] });
});

const result = (id: string, file: string, status: string) => ({
  ...{ id, file, status, line: 3, kind: 'call dropped', before: 'f();', text: ';' },
});

test('equivalent mutants are not counted, and survivors are listed with their change', () => {
  const results = [
    result('1', 'api/a.ts', 'killed'),
    result('2', 'api/b.ts', 'survived'),
    result('3', 'api/c.ts', 'survived'),
    result('4', 'gateway/d.ts', 'killed by a time limit'),
    result('5', 'gateway/e.ts', 'not covered'),
  ];
  const equivalents = new Map([['3', 'the order does not matter']]);
  const rows = summarise(results, ['api', 'gateway'], equivalents);
  assert.deepEqual(rows, [
    { folder: 'api', mutants: 2, killed: 1, equivalent: 1, percent: 50 },
    { folder: 'gateway', mutants: 2, killed: 1, equivalent: 0, percent: 50 },
    { folder: 'all', mutants: 4, killed: 2, equivalent: 1, percent: 50 },
  ]);
  assert.match(table(rows), /^all +4 +2 +1 +50\.0$/m);
  assert.equal(
    survivors(results, equivalents),
    [
      ...['2  api/b.ts:3  call dropped: survived', '    - f();', '    + ;'],
      ...['5  gateway/e.ts:3  call dropped: not covered', '    - f();', '    + ;'],
    ].join('\n'),
  );
});

const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));
let project = '';

/** A clean working tree with the scripts, and one source file. */
before(() => {
  project = mkdtempSync(join(tmpdir(), 'sluice-test-mutate-'));
  for (const name of ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(packageRoot, name), join(project, name), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(project, 'node_modules'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project, stdio: 'ignore' });
  cpSync(join(packageRoot, 'domain', 'errors.ts'), join(project, 'domain', 'errors.ts'), { recursive: true });
  writeFileSync(join(project, '.gitignore'), 'node_modules\ndist\n');
  git('init');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-m', 'all');
});
after(() => rmSync(project, { recursive: true, force: true }));

const mutate = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/mutate.mjs', ...args], {
    cwd: project,
    encoding: 'utf8',
    timeout: 300_000,
  });

const badArguments: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
  [['nowhere'], /^nowhere has no source files; name folders such as /],
  [['domain', '--seed', 'x'], /^--seed is "x"; allowed: a whole number from 1/],
  [['domain', '--count', '0'], /^--count is "0"; allowed: a whole number from 1/],
  [['domain', '--since', 'no-such-revision'], /^--since is "no-such-revision", which git does not know/],
  [['domain', '--tests', 'nowhere'], /^no test file has "nowhere" in its path; name parts of paths/],
  [['domain', '--fast'], /^Unknown option '--fast'/],
];
for (const [args, sentence] of badArguments) {
  test(`npm run mutate -- ${args.join(' ')} prints one sentence and changes nothing`, () => {
    const { status, stderr } = mutate(...args);
    assert.equal(status, 1);
    assert.match(stderr, sentence);
    assert.equal(execFileSync('git', ['status', '--porcelain'], { cwd: project, encoding: 'utf8' }), '');
  });
}

test('npm run mutate rejects a working tree with changes that are not committed', () => {
  const file = join(project, 'domain', 'new.ts');
  writeFileSync(file, 'export {};\n');
  const { status, stderr } = mutate('domain');
  rmSync(file);
  assert.equal(status, 1);
  assert.match(stderr, /^the working tree has changes that are not committed; commit them first/);
});
