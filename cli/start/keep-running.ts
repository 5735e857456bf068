import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '../../domain/backoff.ts';

const READY_MS = 60_000;
const WAITS = { firstMs: 200, longestMs: 10_000, jitter: 0 };
const SOUND_LIFE_MS = 60_000;

/** What keeps a process running needs to know about it. */
export interface Program {
  launch(): ChildProcess;
  /** Resolves when the process does its work; is told to give up by `signal`. */
  ready(child: ChildProcess, signal: AbortSignal): Promise<void>;
  readonly stopMs: number;
}

/** What is heard of a process that is kept running. */
export interface Heard {
  launched(pid: number): void;
  /** It is ready again after it had died. */
  restarted(): void;
  died(why: string, againInMs: number): void;
}

export interface Kept {
  /** The process number of its latest life. */
  readonly pid: number | undefined;
  /** Ends it for good: SIGTERM, SIGKILL when it takes too long. */
  stop(): Promise<void>;
  /** Ends it for good, at once. */
  kill(): void;
}

interface Life {
  readonly child: ChildProcess;
  readonly bornAt: number;
  readonly ended: Promise<string>;
}

/**
 * Starts a process and, once it has been ready, starts it again whenever it dies, after a wait that grows from 0.2 s
 * to 10 s and begins anew after a minute of life.
 * @throws Error saying why, when it ends or does not become ready the first time, or `giveUpFirst` came before
 */
export async function keepRunning(program: Program, heard: Heard, giveUpFirst: AbortSignal): Promise<Kept> {
  const stopping = new AbortController();
  let life = begin();
  let running: Promise<void> | undefined;

  function begin(): Life {
    const child = program.launch();
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    });
    if (child.pid !== undefined) heard.launched(child.pid);
    return { child, bornAt: Date.now(), ended };
  }

  async function untilReady({ child, ended }: Life, also: readonly AbortSignal[] = []): Promise<void> {
    const giveUp = AbortSignal.any([stopping.signal, AbortSignal.timeout(READY_MS), ...also]);
    const late = new Promise<never>((_, reject) => {
      giveUp.addEventListener('abort', () => reject(new Error(`was not ready within ${READY_MS / 1_000} s`)));
      if (giveUp.aborted) reject(new Error('was told to stop'));
    });
    const dead = ended.then((why) => Promise.reject(new Error(`ended while it started (${why})`)));
    await Promise.race([program.ready(child, giveUp), late, dead]);
  }

  async function keep(): Promise<void> {
    const backoff = new Backoff(WAITS);
    for (;;) {
      const why = await life.ended;
      if (stopping.signal.aborted) return;
      if (Date.now() - life.bornAt > SOUND_LIFE_MS) backoff.reset();
      const waitMs = backoff.next();
      heard.died(why, waitMs);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      life = begin();
      await untilReady(life).then(heard.restarted, () => life.child.kill('SIGKILL'));
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const { child, ended } = life;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), program.stopMs);
    await ended;
    clearTimeout(timer);
    await running;
  }

  try {
    await untilReady(life, [giveUpFirst]);
  } catch (error) {
    await stop();
    throw error;
  }
  running = keep();
  return {
    get pid() {
      return life.child.pid;
    },
    stop,
    kill: () => {
      stopping.abort();
      life.child.kill('SIGKILL');
    },
  };
}
