import { messageOf } from '../../domain/errors.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import { writeEndpoints } from '../endpoints-file.ts';
import type { Home } from './home.ts';
import { linesSince, logFile, logLength, rotateLog } from './log-files.ts';
import { createProcessRecord } from './process-record.ts';
import type { loadSteps } from './programs.ts';
import {
  type ProcessListener,
  type Program,
  type SupervisedProcess,
  superviseProcess,
} from './supervise-process.ts';

/** A stop that takes longer says what it waits for. */
const SLOW_STOP_MS = 1_500;

type Steps = ReturnType<Awaited<ReturnType<typeof loadSteps>>['createSteps']>;

/** What the supervisor has started. */
export interface RunningProcesses {
  /** Starts a part as a step on the terminal; does nothing once the signal to stop has come. */
  start(
    name: string,
    title: string,
    make: (progress: (text: string) => void) => Promise<Program>,
  ): Promise<void>;
  /** Writes endpoints.json, now and whenever a part has come back. */
  publish(): void;
  /** Stops all, the latest first. */
  stopAll(): Promise<void>;
  killAll(): void;
}

/** Keeps the parts of a local start: their processes, logs, record on disk, and what is published of them. */
export function createRunningProcesses(
  home: Home,
  ports: LocalPorts,
  steps: Steps,
  stop: AbortSignal,
): RunningProcesses {
  const running = new Map<string, SupervisedProcess>();
  const processRecord = createProcessRecord(home.root);
  let published = false;

  const publish = (): void => {
    published = true;
    const pids = Object.fromEntries(
      [...running].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])),
    );
    writeEndpoints(home.root, {
      gateway: `http://127.0.0.1:${ports.gateway}`,
      api: `http://127.0.0.1:${ports.api}`,
      temporal: `127.0.0.1:${ports.temporal}`,
      temporalUi: `http://127.0.0.1:${ports.temporalUi}`,
      oss: `http://localhost:${ports.oss}`,
      tablestore: `http://localhost:${ports.tablestore}`,
      source: `http://127.0.0.1:${ports.source}`,
      provider: `http://localhost:${ports.provider}`,
      apiToken: home.apiToken,
      pids: { supervisor: process.pid, ...pids },
    });
  };

  const listenerFor = (name: string, title: string): ProcessListener => ({
    onLaunch: (pid) =>
      tryOrPrint(`pid ${pid} of ${title} could not be noted`, () => processRecord.add(name, pid)),
    onExit: (why, againInMs) => {
      if (stop.aborted) return;
      const log = logFile(home.logs, name);
      console.log(
        `${steps.paint(33, '!')} ${title} died (${why}), starting it again in ${againInMs / 1_000} s; log: ${log}`,
      );
      if (CRASH_SIGNALS.test(why) && name === 'local') console.log(`  ${damagedDataHint(home)}`);
    },
    onRestart: () => {
      console.log(`${steps.paint(32, '✓')} ${title} is back`);
      if (published && !stop.aborted) tryOrPrint('endpoints.json could not be written', publish);
    },
  });

  return {
    publish,
    async start(name, title, make) {
      if (stop.aborted) return;
      await steps.step(title, async (progress) => {
        rotateLog(home.logs, name);
        const before = logLength(home.logs, name);
        const program = await make(progress);
        try {
          running.set(name, await superviseProcess(program, listenerFor(name, title), stop));
        } catch (error) {
          if (!stop.aborted) throw startError(error, title, home, name, before);
        }
      });
    },
    async stopAll() {
      if (running.size > 0) {
        await steps.step('stopped', async (progress) => {
          for (const [name, part] of [...running].reverse()) {
            const slow = setTimeout(
              () => progress(`waiting for ${name}, Ctrl-C again ends all at once`),
              SLOW_STOP_MS,
            );
            await part.stop();
            clearTimeout(slow);
          }
        });
      }
      processRecord.remove();
    },
    killAll() {
      for (const part of running.values()) part.kill();
    },
  };
}

/** A part's failure with what it has written, as a step shows it. */
function startError(error: unknown, title: string, home: Home, name: string, before: number): Error {
  const tail = linesSince(home.logs, name, before);
  return Object.assign(new Error(`${title} ${messageOf(error)}`, { cause: error }), {
    tail,
    remedy:
      CRASH_SIGNALS.test(messageOf(error)) && name === 'local'
        ? damagedDataHint(home)
        : `its whole log is ${logFile(home.logs, name)}`,
  });
}

/** How LMDB ends a process whose file it cannot read. */
const CRASH_SIGNALS = /SIGSEGV|SIGBUS/;

const damagedDataHint = (home: Home): string =>
  `its data may be damaged: move ${home.local} away, and it begins anew without objects and rows`;

/** A full disk must not end what runs: it is said instead. */
function tryOrPrint(sentence: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    console.log(`! ${sentence}: ${messageOf(error)}`);
  }
}
