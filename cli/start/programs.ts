import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import { packageRoot } from '../config.ts';
import type { ChildProcessPlan } from './child-processes.ts';
import type { Home } from './home.ts';
import { openLog } from './log-files.ts';
import type { Program } from './supervise-process.ts';
import { devServerArguments, prepareTemporal, untilChildIsReady } from './temporal-server.ts';
import { randomUiAddress, type UiAddress } from './temporal-ui-guard.ts';

type Environment = Readonly<Record<string, string>>;

/** The Temporal dev server with its state on disk. `onUiAddress` gets the address of its UI before each launch. */
export function temporalProgram(
  executable: string,
  home: Home,
  ports: LocalPorts,
  environment: Environment,
  onUiAddress: (address: UiAddress) => void,
): Program {
  return {
    launch: () => {
      // The port may be in use. Then the server exits, and the next launch takes another one.
      const ui = randomUiAddress();
      onUiAddress(ui);
      const args = devServerArguments({ port: ports.temporal, ui, dbFile: home.temporalDb });
      return launch(executable, args, environment, home, 'temporal', { ipc: false });
    },
    waitUntilReady: (_child, signal) => prepareTemporal(`127.0.0.1:${ports.temporal}`, signal),
    stopMs: 10_000,
  };
}

/** A child process. It ends when its IPC channel to the supervisor closes. */
export function childProgram(plan: ChildProcessPlan, home: Home, environment: Environment): Program {
  const main = join(packageRoot, 'dist', plan.name, 'main.js');
  return {
    launch: () =>
      launch(
        process.execPath,
        [...(plan.nodeFlags ?? ['--enable-source-maps']), main],
        { ...environment, ...plan.environment },
        home,
        plan.name,
        { ipc: true },
      ),
    waitUntilReady: untilChildIsReady,
    stopMs: plan.stopMs,
  };
}

/** Starts a detached process, so that Ctrl-C reaches only the supervisor, which then stops all processes in order. */
function launch(
  command: string,
  args: readonly string[],
  env: Environment,
  home: Home,
  name: string,
  { ipc }: { ipc: boolean },
): ChildProcess {
  const log = openLog(home.logs, name);
  try {
    return spawn(command, args, {
      cwd: packageRoot,
      env,
      detached: true,
      stdio: ['ignore', log, log, ...(ipc ? (['ipc'] as const) : [])],
    });
  } finally {
    closeSync(log);
  }
}

type StepsModule = typeof import('../../scripts/lib/steps.mjs');
type TemporalModule = typeof import('../../scripts/lib/temporal.mjs');

/** Loads the step output of the set-up scripts, so that all terminal output looks the same. */
export async function loadSteps(): Promise<StepsModule> {
  return import(urlOf('steps.mjs'));
}

/** Loads the module of the set-up scripts that provides the Temporal CLI. */
export async function loadTemporalModule(): Promise<TemporalModule> {
  return import(urlOf('temporal.mjs'));
}

/** The set-up scripts run before anything is compiled, so they are not in dist/. */
const urlOf = (file: string): string => pathToFileURL(join(packageRoot, 'scripts', 'lib', file)).href;
