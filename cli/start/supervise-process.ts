import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '../../domain/backoff.ts';

const READY_MS = 60_000;
const RESTART_BACKOFF = { firstMs: 200, longestMs: 10_000, jitter: 0 };
const STABLE_AFTER_MS = 60_000;

/** How to start a process, and how to know that it is ready. */
export interface Program {
  launch(): ChildProcess;
  /** Resolves when the process is ready. `signal` ends the wait. */
  waitUntilReady(child: ChildProcess, signal: AbortSignal): Promise<void>;
  readonly stopMs: number;
}

/** Called on changes of a supervised process. */
export interface ProcessListener {
  onLaunch(pid: number): void;
  /** The process is ready again after an exit. */
  onRestart(): void;
  onExit(why: string, restartInMs: number): void;
}

export interface SupervisedProcess {
  /** The pid of the current process. */
  readonly pid: number | undefined;
  /** Stops the process permanently: SIGTERM, then SIGKILL after a timeout. */
  stop(): Promise<void>;
  /** Kills the process permanently, at once. */
  kill(): void;
}

interface LaunchedProcess {
  readonly child: ChildProcess;
  readonly startedAtMs: number;
  readonly exitReason: Promise<string>;
}

/**
 * Starts a process. After the process has been ready once, restarts it whenever it exits. The backoff grows from 0.2
 * s to 10 s. After the process has run for a minute, the backoff begins with 0.2 s again.
 * @throws Error if the process exits before it is ready the first time, does not become ready in time, or
 * `abortFirstStart` is aborted
 */
export async function superviseProcess(
  program: Program,
  listener: ProcessListener,
  abortFirstStart: AbortSignal,
): Promise<SupervisedProcess> {
  const stopping = new AbortController();
  let current = launch();
  let restarting: Promise<void> | undefined;

  function launch(): LaunchedProcess {
    const child = program.launch();
    const exitReason = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    });
    if (child.pid !== undefined) listener.onLaunch(child.pid);
    return { child, startedAtMs: Date.now(), exitReason };
  }

  async function untilReady(
    { child, exitReason }: LaunchedProcess,
    moreSignals: readonly AbortSignal[] = [],
  ): Promise<void> {
    const timeout = AbortSignal.timeout(READY_MS);
    const abort = AbortSignal.any([stopping.signal, timeout, ...moreSignals]);
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = (): void =>
        reject(new Error(timeout.aborted ? `was not ready within ${READY_MS / 1_000} s` : 'was stopped'));
      abort.addEventListener('abort', onAbort);
      if (abort.aborted) onAbort();
    });
    const exited = exitReason.then((why) => Promise.reject(new Error(`exited while starting (${why})`)));
    await Promise.race([program.waitUntilReady(child, abort), aborted, exited]);
  }

  async function restartOnExit(): Promise<void> {
    const backoff = new Backoff(RESTART_BACKOFF);
    for (;;) {
      const why = await current.exitReason;
      if (stopping.signal.aborted) return;
      if (Date.now() - current.startedAtMs > STABLE_AFTER_MS) backoff.reset();
      const waitMs = backoff.next();
      listener.onExit(why, waitMs);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      current = launch();
      await untilReady(current).then(listener.onRestart, () => current.child.kill('SIGKILL'));
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const { child, exitReason } = current;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), program.stopMs);
    await exitReason;
    clearTimeout(timer);
    await restarting;
  }

  try {
    await untilReady(current, [abortFirstStart]);
  } catch (error) {
    await stop();
    throw error;
  }
  restarting = restartOnExit();
  return {
    get pid() {
      return current.child.pid;
    },
    stop,
    kill: () => {
      stopping.abort();
      current.child.kill('SIGKILL');
    },
  };
}
