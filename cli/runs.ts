import { addressHelp } from './addresses.ts';
import { runSubcommand } from './command.ts';

/** The text of `sluice runs --help`. */
export const help = `
Lists, follows, retries and cancels runs in Temporal.

usage: sluice runs [list] [--limit n] [--failed] [--json]
       sluice runs follow <id> [--json]
       sluice runs retry <id>
       sluice runs cancel <id>

list     lists the latest runs, newest first
follow   shows a run's progress until it ends; exit code 1 if it failed
retry    starts a failed run again, from its first task
cancel   requests that a run stops

--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
${addressHelp}
`;

const verbs = {
  list: async () => (await import('./runs/list.ts')).listRuns,
  follow: async () => (await import('./runs/follow.ts')).followRun,
  retry: async () => (await import('./runs/retry.ts')).retryRun,
  cancel: async () => (await import('./runs/retry.ts')).cancelRun,
} as const;

/** Runs the subcommand list (default), follow, retry or cancel. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('runs', verbs, args);
