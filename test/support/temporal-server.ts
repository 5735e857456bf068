import { type ChildProcess, spawn } from 'node:child_process';
import { loadTemporalModule } from '../../cli/start/programs.ts';
import { devServerArguments, prepareTemporal } from '../../cli/start/temporal-server.ts';
import { freePort } from './free-port.ts';

const START_MS = 30_000;
const STOP_MS = 10_000;

/** A real Temporal dev server for one test, headless, with Sluice's search attributes, in the namespace `default`. */
export interface TestTemporal {
  /** host:port; the same across restarts. */
  readonly address: string;
  readonly pid: number;
  /** Stops the server and waits until it has exited. */
  stop(): Promise<void>;
  /** Kills the server with SIGKILL and waits until it has exited. */
  kill(): Promise<void>;
  /** Restarts the server with the same port and database, and waits until it answers. */
  restart(): Promise<void>;
}

/**
 * Starts a server on a free port and waits until it answers. The state is in memory unless `dbFile` names a file.
 * Stop the server in the test's `after`.
 */
export async function startTemporal({
  dbFile,
  dynamicConfig = {},
  httpPort,
}: {
  dbFile?: string;
  /** Settings of the server, by name. */
  dynamicConfig?: Readonly<Record<string, number>>;
  /** The port of the HTTP API. By default a free port. */
  httpPort?: number;
} = {}): Promise<TestTemporal> {
  const executable =
    process.env.SLUICE_TEST_TEMPORAL || (await (await loadTemporalModule()).provideTemporal());
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const args = [
    ...devServerArguments({ port, ...(dbFile === undefined ? {} : { dbFile }) }),
    ...Object.entries(dynamicConfig).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${value}`,
    ]),
  ];

  if (httpPort !== undefined) args.push('--http-port', String(httpPort));

  let server = launchServer(executable, args);
  /** The server's HTTP API uses another port, which may be taken in the meantime. Then the server is started again. */
  const waitUntilUp = async (attempts = 3): Promise<void> => {
    try {
      await waitForAnswer();
    } catch (error) {
      if (attempts === 1 || !/failed listening|already in use/.test(String(error))) throw error;
      server = launchServer(executable, args);
      await waitUntilUp(attempts - 1);
    }
  };
  const waitForAnswer = async (): Promise<void> => {
    const signal = AbortSignal.timeout(START_MS);
    const exited = server.exited.then((why) =>
      Promise.reject(new Error(`the test's Temporal server exited: ${why}`)),
    );
    try {
      await Promise.race([prepareTemporal(address, signal), exited]);
    } catch (error) {
      await stopServer(server, 'SIGKILL');
      throw error;
    }
  };
  await waitUntilUp();
  return {
    address,
    get pid() {
      return server.child.pid ?? 0;
    },
    stop: () => stopServer(server, 'SIGTERM'),
    kill: () => stopServer(server, 'SIGKILL'),
    async restart() {
      await stopServer(server, 'SIGTERM');
      server = launchServer(executable, args);
      await waitUntilUp();
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly exited: Promise<string>;
}

function launchServer(executable: string, args: readonly string[]): Server {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const child = spawn(executable, args, {
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk}`.slice(-2_000);
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`${signal ?? `exit code ${code}`} ${stderr}`.trim()));
  });
  return { child, exited };
}

async function stopServer({ child, exited }: Server, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}
