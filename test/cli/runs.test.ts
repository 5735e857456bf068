import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

let home = '';
let server: TestTemporal;
let connection: Connection;
let client: Client;
before(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-test-runs-'));
  server = await startTemporal();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
});
after(async () => {
  await connection?.close();
  await server?.stop();
  rmSync(home, { recursive: true, force: true });
});

interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runs(...args: string[]): Promise<CommandResult> {
  const env = { PATH: process.env.PATH, SLUICE_HOME: home, SLUICE_TEST_RUN: process.env.SLUICE_TEST_RUN };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, 'runs', ...args, '--address', server.address],
      { env, timeout: 60_000 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

/** A run on a task queue without a worker. */
function start(workflowId: string) {
  return client.workflow.start('unzipObject', { taskQueue: 'nobody', workflowId, args: [{}] });
}

/** Waits until `id` is listed. Temporal's lists lag behind a start by some milliseconds. */
async function untilListed(id: string): Promise<Record<string, unknown>> {
  const until = Date.now() + 10_000;
  for (;;) {
    const { stdout } = await runs('list', '--json');
    const found = (JSON.parse(stdout) as Record<string, unknown>[]).find(
      ({ workflowId }) => workflowId === id,
    );
    if (found !== undefined) return found;
    assert.ok(Date.now() < until, `${id} is not listed`);
  }
}

test('a run is listed with its type and status, and runs of other workflow types are not listed', async () => {
  await client.workflow.start('somethingElse', { taskQueue: 'nobody', workflowId: 'else' });
  await start('unzip:a/zip/listed.zip:1');
  const line = await untilListed('unzip:a/zip/listed.zip:1');
  assert.deepEqual([line.workflowType, line.status, line.closeTime], ['unzipObject', 'RUNNING', null]);
  const { stdout } = await runs();
  assert.match(stdout, /^STATUS +PHASE +STARTED +TOOK +TYPE +ID$/m);
  assert.doesNotMatch(stdout, /somethingElse/);
});

test('cancel prints the run’s id and Temporal’s address before it requests the stop', async () => {
  const handle = await start('unzip:a/zip/cancelled.zip:1');
  const { code, stdout, stderr } = await runs('cancel', handle.workflowId);
  assert.equal(code, 0);
  assert.ok(stderr.includes(`cancelling ${handle.workflowId}`) && stderr.includes(server.address), stderr);
  assert.match(stdout, /asked unzip:a\/zip\/cancelled\.zip:1 to stop/);
  const history = await handle.fetchHistory();
  assert.ok(history.events?.some(({ workflowExecutionCancelRequestedEventAttributes: event }) => event));
});

test('follow continues while no worker answers, and fails after the run was terminated', async () => {
  const handle = await start('unzip:a/zip/followed.zip:1');
  const following = runs('follow', handle.workflowId);
  await handle.terminate('enough');
  const { code, stdout } = await following;
  assert.equal(code, 1);
  assert.match(stdout, /^terminated after .* {2}unzip:a\/zip\/followed\.zip:1$/m);
});

test('retry rejects a run that has not failed, and a run that no worker has started', async () => {
  const handle = await start('unzip:a/zip/retried.zip:1');
  const open = await runs('retry', handle.workflowId);
  assert.equal(open.code, 1);
  assert.match(open.stderr, /unzip:a\/zip\/retried\.zip:1 has not failed: it is running/);
  await handle.terminate('enough');
  const ended = await runs('retry', handle.workflowId);
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /ended before a worker started it/);
});

for (const verb of ['follow', 'retry', 'cancel']) {
  test(`${verb} reports that a run does not exist, and names the namespace and Temporal’s address`, async () => {
    const { code, stderr } = await runs(verb, 'unzip:no-such-run');
    assert.equal(code, 1);
    assert.ok(
      stderr.includes(
        `there is no run "unzip:no-such-run" in namespace default of Temporal ${server.address}`,
      ),
      stderr,
    );
  });
}
