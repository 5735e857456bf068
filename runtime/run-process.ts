import { ConfigError } from './config.ts';
import { createLog, type Log } from './log.ts';

/** A running process: a function that stops it, and its endpoints for the supervisor. */
export interface RunningProcess {
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Ends all work within the grace period. Called once. */
  stop(): Promise<void>;
}

/** The message that a child process sends to its supervisor over IPC when it is ready. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly endpoints: Readonly<Record<string, string>>;
}

/**
 * Runs a process of Sluice. Starts it, and notifies the supervisor when it is ready. Stops it on SIGTERM, SIGINT or
 * SIGHUP, or when its supervisor exits. The exit code is 2 for an invalid setting, and 1 for any other failure.
 */
export async function runProcess(name: string, start: (log: Log) => Promise<RunningProcess>): Promise<void> {
  const log = createLog(name);
  let stopping = false;
  let running: RunningProcess | undefined;

  const end = async (why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    try {
      log.info({ why }, 'stopping');
      await running?.stop();
      log.info('stopped');
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'stopping failed');
      process.exit(1);
    }
  };
  const stop = (why: string): void => void end(why);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  process.on('disconnect', () => stop('the supervisor is gone'));
  // The supervisor may have exited while this process was loading.
  if (process.send !== undefined && !process.connected) stop('the supervisor is gone');

  try {
    running = await start(log);
    log.info({ endpoints: running.endpoints }, 'ready');
    const message: ReadyMessage = { type: 'ready', endpoints: running.endpoints ?? {} };
    if (process.send !== undefined && process.connected) process.send(message);
  } catch (error) {
    process.stderr.write(`sluice ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!(error instanceof ConfigError)) log.error({ err: error }, 'could not start');
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}
