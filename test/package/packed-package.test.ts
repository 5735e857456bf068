/** The package as `npm pack` makes it, installed into an empty project. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { send } from '../gateway/http.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));
const INSTALL_MS = 240_000;

/** npm run by this test must not use the settings of the npm that runs the tests. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|SLUICE_(?!TEST_RUN)|TEMPORAL_|PORT$)/.test(name)),
);

let folder = '';
let project = '';
const run = (program: string, args: readonly string[], cwd = project) =>
  promisify(execFile)(program, args, { cwd, env: environment, timeout: INSTALL_MS });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-package-'));
  project = mkdtempSync(join(folder, 'project-'));
  // The project is built already.
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], packageRoot);
  const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  const options = ['--silent', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...options, join(folder, archive)]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('npx sluice --help lists the commands', async () => {
  const { stdout } = await run('npx', ['--no-install', 'sluice', '--help']);
  assert.match(stdout, /^ {2}gateway {2,}/m);
});

test('sluice gateway starts and answers', async () => {
  const port = await freePort();
  const gateway = spawn(join(project, 'node_modules', '.bin', 'sluice'), ['gateway'], {
    cwd: project,
    env: { ...environment, SLUICE_HOST: 'loopback', PORT: String(port), TEMPORAL_ADDRESS: '127.0.0.1:1' },
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => gateway.once('exit', resolve));
  try {
    await until('the gateway is live', () =>
      send(port, { method: 'GET', path: '/livez' }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  } finally {
    gateway.kill('SIGTERM');
    await exited;
  }
});

test('a project can bundle a workflow that imports sluice/workflow', async () => {
  writeFileSync(
    join(project, 'workflows.js'),
    `import { onEvent } from 'sluice/workflow';
import { condition } from '@temporalio/workflow';
export async function watchCity() {
  let over = false;
  onEvent('changed', ({ value }) => { over = value === 'over'; });
  await condition(() => over);
}
`,
  );
  writeFileSync(
    join(project, 'bundle.js'),
    `import { bundleWorkflowCode } from '@temporalio/worker';
const { code } = await bundleWorkflowCode({ workflowsPath: new URL('./workflows.js', import.meta.url).pathname });
console.log(code.includes('watchCity'));
`,
  );
  const { stdout } = await run(process.execPath, ['bundle.js']);
  assert.match(stdout, /^true$/m);
});

test('sluice/workflow has types', async () => {
  const declarations = join(project, 'node_modules', 'sluice', 'dist', 'workflows');
  assert.ok(readdirSync(declarations).includes('public-api.d.ts'));
});

test('the package has no tests, no benchmarks and no development dependencies', () => {
  const installed = join(project, 'node_modules');
  const folders = readdirSync(join(installed, 'sluice', 'dist'));
  for (const name of ['test', 'bench']) assert.ok(!folders.includes(name), name);
  for (const name of ['typescript', '@biomejs', 'fast-check'])
    assert.ok(!readdirSync(installed).includes(name), name);
});
