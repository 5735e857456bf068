import { addressHelp } from './addresses.ts';
import { runSubcommand } from './command.ts';

/** What `sluice runs --help` prints. */
export const help = `
Looks after runs, in Temporal.

usage: sluice runs [list] [--limit n] [--failed] [--json]
       sluice runs follow <id> [--json]
       sluice runs retry <id>
       sluice runs cancel <id>

list     the latest runs, newest first
follow   shows a run's progress until it ends; exit code 1 if it failed
retry    begins a failed run again, from its first task
cancel   asks a run to stop

--address <host:port>    Temporal's address
--namespace <name>       its namespace
${addressHelp}
`;

const verbs = {
  list: async () => (await import('./runs/list.ts')).listRuns,
  follow: async () => (await import('./runs/follow.ts')).followRun,
  retry: async () => (await import('./runs/retry.ts')).retryRun,
  cancel: async () => (await import('./runs/retry.ts')).cancelRun,
} as const;

/** Dispatches to list (the default), follow, retry or cancel. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('runs', verbs, args);
