import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Input of a command besides its arguments. */
export interface CommandInput {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs the `sluice` command with an empty home folder, so that it finds no process of Sluice. */
export interface Sluice {
  readonly home: string;
  (args: readonly string[], given?: CommandInput): Promise<CommandResult>;
  remove(): void;
}

/** Prepares the command. Every call uses `env`. */
export function prepareSluice(env: () => Readonly<Record<string, string>>): Sluice {
  const home = mkdtempSync(join(tmpdir(), 'sluice-test-command-'));
  const inherited = { PATH: process.env.PATH, SLUICE_TEST_RUN: process.env.SLUICE_TEST_RUN };
  const run = (args: readonly string[], given: CommandInput = {}): Promise<CommandResult> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [main, ...args],
        {
          env: { ...inherited, HOME: home, SLUICE_HOME: home, ...env(), ...given.env },
          timeout: 60_000,
          maxBuffer: 16 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.end(given.input ?? '');
    });
  return Object.assign(run, { home, remove: () => rmSync(home, { recursive: true, force: true }) });
}
