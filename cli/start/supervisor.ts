import { delimiter, dirname, join } from 'node:path';
import { type LocalPorts, localPorts } from '../../runtime/local-ports.ts';
import { lockHolderPid, tryLock, unlock } from '../../runtime/lock-file.ts';
import { CommandError } from '../command.ts';
import type { CliConfig } from '../config.ts';
import { removeEndpoints } from '../endpoints-file.ts';
import type { RunSummary } from '../runs/describe-run.ts';
import { childEnvironment } from './child-environment.ts';
import { planChildProcesses } from './child-processes.ts';
import { requireFreePorts } from './free-ports.ts';
import { type Home, openHome, restrictNewFilesToOwner } from './home.ts';
import { endLeftoverProcesses } from './process-record.ts';
import { childProgram, loadSteps, loadTemporalModule, temporalProgram } from './programs.ts';
import { readyScreen } from './ready-screen.ts';
import { createRunningProcesses, type RunningProcesses } from './running-processes.ts';
import { isFirstStart, runSample } from './sample-run.ts';
import { serveTemporalUi, type UiAddress } from './temporal-ui-guard.ts';

type Steps = ReturnType<Awaited<ReturnType<typeof loadSteps>>['createSteps']>;

/**
 * Starts Temporal and all processes, keeps them running, and stops them on a signal. Returns 0 after a clean stop,
 * and 1 if something could not be started. The reason is on the terminal.
 */
export async function runSupervisor(config: CliConfig): Promise<number> {
  restrictNewFilesToOwner();
  const home = openHome(config.home);
  if (home.warning !== undefined) console.log(`  ${home.warning}`);
  const releaseHome = lockHome(home.root);
  try {
    removeEndpoints(home.root);
    const ended = await endLeftoverProcesses(home.root);
    if (ended.length > 0)
      console.log(`  ended processes that an earlier start left running: ${ended.join(', ')}`);
    const ports = localPorts(config.portOffset);
    await requireFreePorts(ports, config.portOffset);
    return await superviseUntilStopped(config, home, ports);
  } finally {
    removeEndpoints(home.root);
    releaseHome();
  }
}

async function superviseUntilStopped(config: CliConfig, home: Home, ports: LocalPorts): Promise<number> {
  const { createSteps, StepFailed } = await loadSteps();
  const steps = createSteps();
  const stop = new AbortController();
  const processes = createRunningProcesses(home, ports, steps, stop.signal);
  const unlisten = onStopSignal(
    () => stop.abort(),
    () => processes.killAll(),
  );
  // If this process exits early, its child processes must not keep running.
  process.once('exit', processes.killAll);
  let code = 0;
  let uiAddress: UiAddress | undefined;
  const temporalUi = await serveTemporalUi(ports.temporalUi, () => uiAddress);
  try {
    const executable = await startAll(config, home, ports, processes, (address) => {
      uiAddress = address;
    });
    if (!stop.signal.aborted) {
      processes.publish();
      const sample = await runSampleOnFirstStart(home, ports, steps, stop.signal);
      if (!stop.signal.aborted) {
        console.log(
          readyScreen(
            { ports, homeRoot: home.root, ...temporalCliCommand(executable, config, ports), sample },
            steps.paint,
          ),
        );
        await untilAborted(stop.signal);
      }
    }
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    code = 1;
  } finally {
    stop.abort();
    await processes.stopAll();
    await temporalUi.close(0);
    process.off('exit', processes.killAll);
    unlisten();
  }
  return code;
}

/** Starts everything in order, and returns the path of the Temporal CLI. */
async function startAll(
  config: CliConfig,
  home: Home,
  ports: LocalPorts,
  processes: RunningProcesses,
  onUiAddress: (address: UiAddress) => void,
) {
  const { provideTemporal } = await loadTemporalModule();
  const environment = childEnvironment(config.environment, home, ports);
  let executable = '';
  await processes.start('temporal', 'Temporal', async (progress) => {
    executable = await provideTemporal({ env: config.environment, onProgress: progress });
    return temporalProgram(executable, home, ports, environment, onUiAddress);
  });
  for (const plan of planChildProcesses(home, ports, config.environment)) {
    await processes.start(plan.name, plan.title, async () => childProgram(plan, home, environment));
  }
  return executable;
}

/** Runs the sample archive on the first start. If it fails, the start still succeeds. */
async function runSampleOnFirstStart(
  home: Home,
  ports: LocalPorts,
  steps: Steps,
  signal: AbortSignal,
): Promise<RunSummary | undefined> {
  if (!isFirstStart(home)) return undefined;
  try {
    return await steps.step('first run', () => runSample(home, ports, signal));
  } catch {
    return undefined;
  }
}

function temporalCliCommand(executable: string, { environment }: CliConfig, ports: LocalPorts) {
  const onPath = (environment.PATH ?? '').split(delimiter).includes(dirname(executable));
  // If the user has set one of these variables, the Temporal CLI would use another server.
  const userSettings = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_PROFILE'];
  const hasUserSettings = userSettings.some((name) => environment[name] !== undefined);
  const address = ports.temporal === 7233 && !hasUserSettings ? '' : ` --address 127.0.0.1:${ports.temporal}`;
  return {
    temporalCommand: onPath ? 'temporal' : /\s/.test(executable) ? `'${executable}'` : executable,
    temporalAddressOptions: hasUserSettings ? `${address} --namespace default` : address,
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Makes this process the only supervisor of `root`, and returns a function that releases `root`. Takes over the lock of
 * a supervisor that no longer runs.
 * @throws CommandError with the pid of the running supervisor
 */
export function lockHome(root: string): () => void {
  const lock = join(root, 'supervisor.lock');
  if (!tryLock(lock)) {
    throw new CommandError(
      `another \`sluice start\` (pid ${lockHolderPid(lock)}) is running with SLUICE_HOME ${root}; ` +
        'stop it, or use another SLUICE_HOME and SLUICE_PORT_OFFSET',
    );
  }
  return () => unlock(lock);
}

const SAME_PRESS_MS = 1_000;

/**
 * Calls `first` on the first SIGINT, SIGTERM or SIGHUP, and `second` on the next one. npm repeats a Ctrl-C that the
 * terminal has already sent. So signals within one second count as one. Returns a function that stops listening.
 */
function onStopSignal(first: (signal: string) => void, second: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let firstAt: number | undefined;
  const handle = (signal: string): void => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      first(signal);
    } else if (Date.now() - firstAt > SAME_PRESS_MS) second();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
