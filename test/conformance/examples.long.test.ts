/** The examples in examples/: workers in four languages, whose workflows events start and signal. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertAccepted, send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { startTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';

type JavaTool = typeof import('../../scripts/lib/java-tool.mjs');
type PythonTool = typeof import('../../scripts/lib/python-tool.mjs');

const root = fileURLToPath(new URL('../../../', import.meta.url));
const examples = join(root, 'examples');
const routes = readFileSync(join(examples, 'routes.yaml'), 'utf8');

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-examples-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A program and its arguments; undefined if a tool is missing. */
type Command = readonly [program: string, args: readonly string[]] | undefined;

const run = promisify(execFile);

/** Compiles the example with the packages of this project in place of its own. */
async function typescriptWorker(): Promise<Command> {
  const project = join(folder, 'typescript');
  cpSync(join(examples, 'typescript'), project, { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['@temporalio', '@types'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  symlinkSync(root, join(project, 'node_modules', 'sluice'));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project]);
  return [process.execPath, [join(project, 'dist', 'worker.js')]];
}

async function pythonWorker(): Promise<Command> {
  const { providePythonTool }: PythonTool = await import(join(root, 'scripts/lib/python-tool.mjs'));
  const requirements = join(examples, 'python', 'requirements.txt');
  const python = await providePythonTool({ name: 'example-python', requirements });
  return python === undefined ? undefined : [python, [join(examples, 'python', 'worker.py')]];
}

async function goWorker(): Promise<Command> {
  const program = join(folder, 'go-worker');
  const options = { cwd: join(examples, 'go'), env: { ...process.env, CGO_ENABLED: '0' } };
  const built = await run('go', ['version']).then(
    () => true,
    () => false,
  );
  if (!built) return undefined;
  await run('go', ['build', '-o', program, '.'], options);
  return [program, []];
}

async function javaWorker(): Promise<Command> {
  const { provideJavaProgram }: JavaTool = await import(join(root, 'scripts/lib/java-tool.mjs'));
  const args = await provideJavaProgram(join(examples, 'java'), 'Worker.java', { name: 'example-java' });
  return args === undefined ? undefined : ['java', args];
}

const post = async (port: number, id: string, type: string, data: object): Promise<void> => {
  const event = { specversion: '1.0', id, source: '/shop', type, data };
  const headers = { 'content-type': 'application/cloudevents+json' };
  assertAccepted(await send(port, { headers, body: JSON.stringify(event) }), `/events/%2Fshop/${id}`);
};

async function stop(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await exited;
  }
}

for (const [language, provide] of [
  ['TypeScript', typescriptWorker],
  ['Python', pythonWorker],
  ['Go', goWorker],
  ['Java', javaWorker],
] as const)
  test(`an event starts and signals the example in ${language}, and a repeated event has no effect`, async (t) => {
    const command = await provide();
    if (command === undefined) {
      console.error(`\n!!! ${language.toUpperCase()} IS NOT AVAILABLE: its example WAS NOT TESTED !!!\n`);
      return t.skip(`${language} is not available`);
    }
    const temporal = await startTemporal();
    const gateway = await startGateway(temporal.address, { routes });
    const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address };
    const worker = spawn(command[0], command[1], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let problems = '';
    worker.stderr.on('data', (chunk: Buffer) => {
      problems = `${problems}${chunk}`.slice(-2_000);
    });
    try {
      await post(gateway.port, 'p1', 'order.placed', { number: 7, total: 50 });
      for (const [id, status] of [
        ['c1', 'packed'],
        ['c1', 'packed'],
        ['c2', 'sent'],
        ['c1', 'packed'],
        ['c3', 'delivered'],
      ] as const)
        await post(gateway.port, id, 'order.changed', { number: 7, status });
      const resultOf = (prefix: string) =>
        until(`the run ${prefix} has ended: ${problems}`, async () => {
          const result = gateway.received.find(({ workflowId }) => workflowId?.startsWith(prefix));
          const handle = gateway.client.workflow.getHandle(result?.workflowId ?? '');
          const { status } = await handle.describe();
          return status.name !== 'RUNNING' && { result: (await handle.result()) as unknown };
        });
      assert.deepEqual(await resultOf('order:7:'), { result: 'order 7: total 50' });
      assert.deepEqual(await resultOf('track:7'), { result: ['packed', 'sent', 'delivered'] });
    } finally {
      await stop(worker);
      await gateway.stop();
      await temporal.stop();
    }
  });
