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

/** If a stop takes longer, the terminal shows the process that the supervisor waits for. */
const SLOW_STOP_MS = 1_500;

type Steps = ReturnType<Awaited<ReturnType<typeof loadSteps>>['createSteps']>;

/** The processes that the supervisor has started. */
export interface RunningProcesses {
  /** Starts a process as a step on the terminal. Does nothing after the stop signal. */
  start(
    name: string,
    title: string,
    createProgram: (progress: (text: string) => void) => Promise<Program>,
  ): Promise<void>;
  /** Writes endpoints.json, now and after each restart of a process. */
  publish(): void;
  /** Stops all processes, the last started first. */
  stopAll(): Promise<void>;
  killAll(): void;
}

/** Manages the child processes of a local start: start, stop, logs, the record on disk, and endpoints.json. */
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
      channels: `http://localhost:${ports.channels}`,
      apiToken: home.apiToken,
      pids: { supervisor: process.pid, ...pids },
    });
  };

  const listenerFor = (name: string, title: string): ProcessListener => ({
    onLaunch: (pid) =>
      tryOrPrint(`pid ${pid} of ${title} could not be recorded`, () => processRecord.add(name, pid)),
    onExit: (why, restartInMs) => {
      if (stop.aborted) return;
      const log = logFile(home.logs, name);
      console.log(
        `${steps.paint(33, '!')} ${title} exited (${why}); restarting it in ${restartInMs / 1_000} s; log: ${log}`,
      );
      if (CRASH_SIGNALS.test(why) && name === 'local') console.log(`  ${damagedDataHint(home)}`);
    },
    onRestart: () => {
      console.log(`${steps.paint(32, '✓')} ${title} is running again`);
      if (published && !stop.aborted) tryOrPrint('endpoints.json could not be written', publish);
    },
  });

  return {
    publish,
    async start(name, title, createProgram) {
      if (stop.aborted) return;
      await steps.step(title, async (progress) => {
        rotateLog(home.logs, name);
        const logLengthBefore = logLength(home.logs, name);
        const program = await createProgram(progress);
        try {
          running.set(name, await superviseProcess(program, listenerFor(name, title), stop));
        } catch (error) {
          if (!stop.aborted) throw startError(error, title, home, name, logLengthBefore);
        }
      });
    },
    async stopAll() {
      if (running.size > 0) {
        await steps.step('stopped', async (progress) => {
          for (const [name, supervised] of [...running].reverse()) {
            const slowStopTimer = setTimeout(
              () => progress(`waiting for ${name}; Ctrl-C again kills all processes`),
              SLOW_STOP_MS,
            );
            await supervised.stop();
            clearTimeout(slowStopTimer);
          }
        });
      }
      processRecord.remove();
    },
    killAll() {
      for (const supervised of running.values()) supervised.kill();
    },
  };
}

/** The error of a failed start, with what the process has written to its log. */
function startError(error: unknown, title: string, home: Home, name: string, logLengthBefore: number): Error {
  const outputLines = linesSince(home.logs, name, logLengthBefore);
  return Object.assign(new Error(`${title} ${messageOf(error)}`, { cause: error }), {
    outputLines,
    remedy:
      CRASH_SIGNALS.test(messageOf(error)) && name === 'local'
        ? damagedDataHint(home)
        : `its log is ${logFile(home.logs, name)}`,
  });
}

/** If LMDB cannot read its data file, the process exits with one of these signals. */
const CRASH_SIGNALS = /SIGSEGV|SIGBUS/;

const damagedDataHint = (home: Home): string =>
  `its data may be damaged: move ${home.local} to another folder, and the next start begins without objects and rows`;

/** Prints an error instead of throwing it. For example, a full disk must not end the running processes. */
function tryOrPrint(sentence: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    console.log(`! ${sentence}: ${messageOf(error)}`);
  }
}
