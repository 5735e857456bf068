import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  type ProcessListener,
  type Program,
  superviseProcess,
} from '../../../cli/start/supervise-process.ts';
import { untilChildIsReady } from '../../../cli/start/temporal-server.ts';

const READY = "process.send({ type: 'ready' }); setInterval(() => {}, 1000);";

function program(code: string, stopMs = 5_000): Program {
  return {
    launch: () => spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
    ready: untilChildIsReady,
    stopMs,
  };
}

/** Records the calls, and lets a test wait for the next restart. */
function listener() {
  const said: string[] = [];
  let back: () => void = () => {};
  const heard: ProcessListener = {
    onLaunch: () => said.push('launched'),
    onExit: (why, againInMs) => said.push(`died ${why} ${againInMs}`),
    onRestart: () => {
      said.push('restarted');
      back();
    },
  };
  return {
    said,
    heard,
    nextReturn: () =>
      new Promise<void>((resolve) => {
        back = resolve;
      }),
  };
}

const never = new AbortController().signal;

test('a process that exits is restarted with a growing backoff', async () => {
  const { said, heard, nextReturn } = listener();
  const kept = await superviseProcess(program(READY), heard, never);
  try {
    for (let time = 0; time < 2; time++) {
      const returned = nextReturn();
      process.kill(kept.pid ?? 0, 'SIGKILL');
      await returned;
    }
    assert.deepEqual(said, [
      'launched',
      'died SIGKILL 200',
      'launched',
      'restarted',
      'died SIGKILL 400',
      'launched',
      'restarted',
    ]);
  } finally {
    await kept.stop();
  }
});

test('stopping ends the process and does not restart it', async () => {
  const { said, heard } = listener();
  const kept = await superviseProcess(program(READY), heard, never);
  await kept.stop();
  assert.deepEqual(said, ['launched']);
  assert.throws(() => process.kill(kept.pid ?? 0, 0), { code: 'ESRCH' });
});

test('a process that ignores SIGTERM is killed after the timeout', async () => {
  const { heard } = listener();
  const kept = await superviseProcess(
    program(`process.on('SIGTERM', () => {}); ${READY}`, 100),
    heard,
    never,
  );
  await kept.stop();
  assert.throws(() => process.kill(kept.pid ?? 0, 0), { code: 'ESRCH' });
});

test('a process that exits during its first start is an error with the reason', async () => {
  const { said, heard } = listener();
  await assert.rejects(superviseProcess(program('process.exit(2)'), heard, never), {
    message: 'exited while starting (exit code 2)',
  });
  assert.deepEqual(said, ['launched']);
});

test('a missing program is an error with its name', async () => {
  const { heard } = listener();
  const missing: Program = {
    ...program(''),
    launch: () => spawn('/nonexistent/temporal', [], { stdio: 'ignore' }),
  };
  await assert.rejects(superviseProcess(missing, heard, never), {
    message: /could not be started: spawn \/nonexistent\/temporal ENOENT/,
  });
});

test('a stop before the process is ready ends it', async () => {
  const { heard } = listener();
  const stop = new AbortController();
  let child = program('').launch();
  await once(child, 'exit');
  const slow: Program = {
    ...program('setInterval(() => {}, 1000)'),
    launch: () => {
      child = program('setInterval(() => {}, 1000)').launch();
      return child;
    },
  };
  const starting = superviseProcess(slow, heard, stop.signal);
  stop.abort();
  await assert.rejects(starting);
  assert.equal(child.signalCode, 'SIGTERM');
});
