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
import { type Home, openHome } from './home.ts';
import { endLeftoverProcesses } from './process-record.ts';
import { childProgram, loadSteps, loadTemporalProvider, temporalProgram } from './programs.ts';
import { readyScreen } from './ready-screen.ts';
import { createRunningProcesses, type RunningProcesses } from './running-processes.ts';
import { isFirstStart, runSample } from './sample-run.ts';

type Steps = ReturnType<Awaited<ReturnType<typeof loadSteps>>['createSteps']>;

/**
 * Starts Temporal, the local cloud, worker and gateway, keeps them running, and stops them on a signal.
 * Answers 0 after a clean stop, 1 when something could not be started (said on the terminal).
 */
export async function runSupervisor(config: CliConfig): Promise<number> {
  const home = openHome(config.home);
  const releaseHome = lockHome(home.root);
  try {
    removeEndpoints(home.root);
    const ended = await endLeftoverProcesses(home.root);
    if (ended.length > 0) console.log(`  ended what an earlier start had left running: ${ended.join(', ')}`);
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
  // Whatever ends this process early, nothing that it started stays.
  process.once('exit', processes.killAll);
  let code = 0;
  try {
    const executable = await startAll(config, home, ports, processes);
    if (!stop.signal.aborted) {
      processes.publish();
      const sample = await runSampleOnFirstStart(home, ports, steps, stop.signal);
      if (!stop.signal.aborted) {
        const { cli, cliOptions } = temporalCommand(executable, config, ports);
        console.log(readyScreen({ ports, homeRoot: home.root, cli, cliOptions, sample }, steps.paint));
        await aborted(stop.signal);
      }
    }
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    code = 1;
  } finally {
    stop.abort();
    await processes.stopAll();
    process.off('exit', processes.killAll);
    unlisten();
  }
  return code;
}

/** Brings everything up in order and answers the Temporal CLI's path. */
async function startAll(config: CliConfig, home: Home, ports: LocalPorts, processes: RunningProcesses) {
  const { provideTemporal } = await loadTemporalProvider();
  const environment = childEnvironment(config.environment, home, ports);
  let executable = '';
  await processes.start('temporal', 'Temporal', async (progress) => {
    executable = await provideTemporal({ env: config.environment, onProgress: progress });
    return temporalProgram(executable, home, ports, environment);
  });
  const { routes, environment: own } = config;
  for (const plan of planChildProcesses(home, ports, { routes, weatherProvider: own.WEATHER_PROVIDER })) {
    await processes.start(plan.name, plan.title, async () => childProgram(plan, home, environment));
  }
  return executable;
}

/** The sample archive's run on a first start. A start does not fail for its sake. */
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

function temporalCommand(executable: string, { environment }: CliConfig, ports: LocalPorts) {
  const onPath = (environment.PATH ?? '').split(delimiter).includes(dirname(executable));
  // Settings of the person's own would lead the CLI elsewhere.
  const own = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_PROFILE'];
  const elsewhere = own.some((name) => environment[name] !== undefined);
  const address = ports.temporal === 7233 && !elsewhere ? '' : ` --address 127.0.0.1:${ports.temporal}`;
  return {
    cli: onPath ? 'temporal' : /\s/.test(executable) ? `'${executable}'` : executable,
    cliOptions: elsewhere ? `${address} --namespace default` : address,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Makes this process the one supervisor of `root` and answers how to give that up. A lock that a dead supervisor
 * left is taken over.
 * @throws CommandError naming the pid of the supervisor that owns it
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
 * Calls `first` on the first SIGINT, SIGTERM or SIGHUP and `again` on a second one. npm passes a Ctrl-C on that the
 * terminal has sent already, so what follows within a second is the same one. Answers how to stop listening.
 */
function onStopSignal(first: (signal: string) => void, again: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let firstAt: number | undefined;
  const handle = (signal: string): void => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      first(signal);
    } else if (Date.now() - firstAt > SAME_PRESS_MS) again();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
