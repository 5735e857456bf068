import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../domain/errors.ts';
import { localPorts } from '../../runtime/local-ports.ts';
import { until } from './until.ts';

const sluice = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** The default ports. `SLUICE_PORT_OFFSET` moves all of them. */
const PORTS = Object.values(localPorts(0));

export interface Endpoints {
  readonly gateway: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly oss: string;
  readonly channels: string;
  readonly pids: Readonly<Record<'supervisor' | 'temporal' | 'local' | 'worker' | 'gateway', number>>;
}

/** `sluice start` as a user runs it, with its own ports and home. */
export interface SluiceStart {
  readonly home: string;
  /** The output so far. */
  output(): string;
  /** The current content of the endpoints file. */
  endpoints(): Endpoints | undefined;
  /** Starts or restarts `sluice start`, and waits until everything is ready. */
  start(): Promise<Endpoints>;
  /** Stops `sluice start` as Ctrl-C does, and returns the exit code. */
  stop(): Promise<number | null>;
  remove(): Promise<void>;
}

/** Prepares an empty home and free ports. Starts no process yet. */
export async function prepareStart(): Promise<SluiceStart> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-home-'));
  const offset = await freeOffset();
  let child: ChildProcess | undefined;
  let output = '';
  const endpoints = (): Endpoints | undefined => {
    const file = join(home, 'endpoints.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Endpoints) : undefined;
  };
  const env = {
    ...process.env,
    SLUICE_HOME: home,
    SLUICE_PORT_OFFSET: String(offset),
    TEMPORAL_CLI_PATH: process.env.SLUICE_TEST_TEMPORAL ?? process.env.TEMPORAL_CLI_PATH ?? '',
  };
  return {
    home,
    output: () => output,
    endpoints,
    async start() {
      const started = spawn(process.execPath, [sluice, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk;
        });
      }
      try {
        return await until('everything is ready', () => {
          if (started.exitCode !== null) throw new Error(`sluice start exited with code ${started.exitCode}`);
          const found = endpoints();
          return found?.pids.supervisor === started.pid && found;
        });
      } catch (error) {
        throw new Error(`${messageOf(error)}; printed so far: ${output}`, { cause: error });
      }
    },
    async stop() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null)
        return child?.exitCode ?? null;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      return (await ended)[0] as number | null;
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/**
 * Returns a port offset with which all ports are free and below 32768. Linux gives ports from 32768 on to outgoing
 * connections, so such a port may be free now but taken when `sluice start` restarts a process.
 */
async function freeOffset(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = 1_000 + Math.floor(Math.random() * (32_768 - 1_000 - Math.max(...PORTS)));
    const free = await Promise.all(PORTS.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('found no port offset with free ports');
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
