import { type ChildProcess, spawn } from 'node:child_process';
import { loadTemporalProvider } from '../../cli/start/programs.ts';
import { devServerArguments, untilTemporalAnswers } from '../../cli/start/temporal-server.ts';

import { freePort } from './free-port.ts';

const START_MS = 30_000;
const STOP_MS = 10_000;

/** A real Temporal dev server of a test's own, headless, with our search attributes, in namespace `default`. */
export interface TestTemporal {
  /** host:port; the same across restarts. */
  readonly address: string;
  readonly pid: number;
  /** Ends it in order, and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and file, and waits until it answers. */
  restart(): Promise<void>;
}

/**
 * Starts a server on a free port and waits until it answers; state is in memory unless `dbFile` names a file. Stop it
 * in the test's `after`.
 */
export async function startTemporal({ dbFile }: { dbFile?: string } = {}): Promise<TestTemporal> {
  const executable =
    process.env.SLUICE_TEST_TEMPORAL || (await (await loadTemporalProvider()).provideTemporal());
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const args = devServerArguments({ port, ...(dbFile === undefined ? {} : { dbFile }) });

  let server = launch(executable, args);
  /** The server takes a port of its own for its HTTP API, which another may have taken meanwhile: then it is begun again. */
  const up = async (tries = 3): Promise<void> => {
    try {
      await answering();
    } catch (error) {
      if (tries === 1 || !/failed listening|already in use/.test(String(error))) throw error;
      server = launch(executable, args);
      await up(tries - 1);
    }
  };
  const answering = async (): Promise<void> => {
    const signal = AbortSignal.timeout(START_MS);
    const died = server.gone.then((why) =>
      Promise.reject(new Error(`the test's Temporal server ended: ${why}`)),
    );
    try {
      await Promise.race([untilTemporalAnswers(address, signal), died]);
    } catch (error) {
      await end(server, 'SIGKILL');
      throw error;
    }
  };
  await up();
  return {
    address,
    get pid() {
      return server.child.pid ?? 0;
    },
    stop: () => end(server, 'SIGTERM'),
    kill: () => end(server, 'SIGKILL'),
    async restart() {
      await end(server, 'SIGTERM');
      server = launch(executable, args);
      await up();
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly gone: Promise<string>;
}

function launch(executable: string, args: readonly string[]): Server {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const child = spawn(executable, args, {
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`${signal ?? `exit code ${code}`} ${said}`.trim()));
  });
  return { child, gone };
}

async function end({ child, gone }: Server, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
