import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  apiNodeOptions,
  gatewayNodeOptions,
  sourceNodeOptions,
  workerNodeOptions,
} from '../../runtime/node-options.ts';

const dist = fileURLToPath(new URL('../..', import.meta.url));

const nodeOptions = {
  // Several workers run at the same time, and each one listens on a port.
  worker: {
    ...workerNodeOptions,
    environment: { ...workerNodeOptions.environment, PORT: '0', SLUICE_HOST: '127.0.0.1' },
  },
  ...{ gateway: gatewayNodeOptions, source: sourceNodeOptions, api: apiNodeOptions },
  local: { flags: ['--enable-source-maps'], environment: {} },
} as const;

type ProcessName = keyof typeof nodeOptions;

/** The names of variables that a child process does not inherit. Only its test can set them. */
const NOT_INHERITED = /^(TEMPORAL_|OSS_|K_|TABLESTORE_|ALITABLESTORE$|SOURCE_)/;

/** One of Sluice's processes as a child process. It can be restarted with the same settings. */
export class SluiceProcess {
  readonly #name: ProcessName;
  readonly #env: Readonly<Record<string, string>>;
  readonly #log: string;
  #process: ChildProcess | undefined;

  constructor(name: ProcessName, env: Readonly<Record<string, string>>, log: string) {
    this.#name = name;
    this.#env = env;
    this.#log = log;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts the process and waits until it reports that it is ready. */
  async start(): Promise<void> {
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
    const { flags, environment } = nodeOptions[this.#name];
    const args = [...flags, `${dist}${this.#name}/main.js`];
    const log = openSync(this.#log, 'a');
    const child = spawn(process.execPath, args, {
      env: { ...Object.fromEntries(inherited), ...environment, ...this.#env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#process = child;
    const ready = once(child, 'message');
    const ended = once(child, 'exit').then(async ([code]) => {
      const lastLines = (await this.logLines()).slice(-20).join('\n');
      throw new Error(`${this.#name} exited with code ${code}; the last lines of its log:\n${lastLines}`);
    });
    await Promise.race([ready, ended]);
    ended.catch(() => {});
  }

  /** Sends a signal, and waits for the exit unless the signal is SIGSTOP or SIGCONT. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const terminates = signal !== 'SIGSTOP' && signal !== 'SIGCONT';
    const exited = terminates ? once(child, 'exit') : undefined;
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
  }

  /** Returns the lines that the process has logged. */
  async logLines(): Promise<string[]> {
    return (await readFile(this.#log, 'utf8')).split('\n');
  }
}
