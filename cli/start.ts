import { CommandError, parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { runSupervisor } from './start/supervisor.ts';

/** What `sluice start --help` prints. */
export const help = `
Runs everything on this machine: a Temporal dev server, the local cloud, a worker and the gateway. What dies is
started again; Ctrl-C stops all of it; started again, everything goes on where it was.

usage: sluice start

SLUICE_HOME           where all state is kept (default: .sluice in the package's folder)
SLUICE_PORT_OFFSET    moves every port by this much
SLUICE_ROUTES         a file with routes of your own
TEMPORAL_CLI_PATH     the Temporal CLI to use

It never touches another Temporal: inherited TEMPORAL_* settings do not reach the processes it starts.
`;

/** Runs until it is told to stop; 0 after a clean stop, 1 when it could not start. */
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
