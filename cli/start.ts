import { CommandError, parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { runSupervisor } from './start/supervisor.ts';

/** The text of `sluice start --help`. */
export const help = `
Runs everything on this machine: a Temporal dev server, the local stand-ins, worker, gateway, source and api. Restarts a process
that exits. Ctrl-C stops everything. The next start continues where this one stopped.

usage: sluice start

SLUICE_HOME           folder for all state (default: .sluice in the package's folder)
SLUICE_PORT_OFFSET    is added to every port
SLUICE_ROUTES         a file with your own routes
TEMPORAL_CLI_PATH     the Temporal CLI to use

sluice start never connects to another Temporal server: child processes do not inherit TEMPORAL_* settings.
`;

/** Runs until a stop signal. Returns 0 after a clean stop, 1 if something could not start. */
export async function run(args: readonly string[]): Promise<number> {
  parseCommand(args, {});
  try {
    return await runSupervisor(readCliConfig());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      throw new CommandError(`the disk is full: ${error.message}; free some space, then start again`, {
        cause: error,
      });
    }
    throw error;
  }
}
