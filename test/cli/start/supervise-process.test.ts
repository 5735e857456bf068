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
    waitUntilReady: untilChildIsReady,
    stopMs,
  };
}

/** Records the calls, and lets a test wait for the next restart. */
function recordingListener() {
  const calls: string[] = [];
  let onNextRestart: () => void = () => {};
  const listener: ProcessListener = {
    onLaunch: () => calls.push('launched'),
    onExit: (why, againInMs) => calls.push(`exited ${why} ${againInMs}`),
    onRestart: () => {
      calls.push('restarted');
      onNextRestart();
    },
  };
  return {
    calls,
    listener,
    nextRestart: () =>
      new Promise<void>((resolve) => {
        onNextRestart = resolve;
      }),
  };
}

const never = new AbortController().signal;

test('a process that exits is restarted with a growing backoff', async () => {
  const { calls, listener, nextRestart } = recordingListener();
  const supervised = await superviseProcess(program(READY), listener, never);
  try {
    for (let time = 0; time < 2; time++) {
      const restarted = nextRestart();
      process.kill(supervised.pid ?? 0, 'SIGKILL');
      await restarted;
    }
    assert.deepEqual(calls, [
      'launched',
      'exited SIGKILL 200',
      'launched',
      'restarted',
      'exited SIGKILL 400',
      'launched',
      'restarted',
    ]);
  } finally {
    await supervised.stop();
  }
});

test('stopping ends the process and does not restart it', async () => {
  const { calls, listener } = recordingListener();
  const supervised = await superviseProcess(program(READY), listener, never);
  await supervised.stop();
  assert.deepEqual(calls, ['launched']);
  assert.throws(() => process.kill(supervised.pid ?? 0, 0), { code: 'ESRCH' });
});

test('a process that ignores SIGTERM is killed after the timeout', async () => {
  const { listener } = recordingListener();
  const supervised = await superviseProcess(
    program(`process.on('SIGTERM', () => {}); ${READY}`, 100),
    listener,
    never,
  );
  await supervised.stop();
  assert.throws(() => process.kill(supervised.pid ?? 0, 0), { code: 'ESRCH' });
});

test('a process that exits during its first start is an error with the reason', async () => {
  const { calls, listener } = recordingListener();
  await assert.rejects(superviseProcess(program('process.exit(2)'), listener, never), {
    message: 'exited while starting (exit code 2)',
  });
  assert.deepEqual(calls, ['launched']);
});

test('a missing program is an error with its name', async () => {
  const { listener } = recordingListener();
  const missing: Program = {
    ...program(''),
    launch: () => spawn('/nonexistent/temporal', [], { stdio: 'ignore' }),
  };
  await assert.rejects(superviseProcess(missing, listener, never), {
    message: /could not be started: spawn \/nonexistent\/temporal ENOENT/,
  });
});

test('a stop before the process is ready ends it', async () => {
  const { listener } = recordingListener();
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
  const starting = superviseProcess(slow, listener, stop.signal);
  stop.abort();
  await assert.rejects(starting, { message: 'was stopped' });
  assert.equal(child.signalCode, 'SIGTERM');
});
