import { addressHelp } from './addresses.ts';
import { runSubcommand } from './command.ts';
import { filterHelp } from './parked/filter.ts';

/** The text of `sluice parked --help`. */
export const help = `
Handles parked requests: requests rejected with 400 or 422 (a sender with ackParked gets 202), events without a matching
route if their entry in \`sources\` has parkUnmatched, and a broker's dead letters. Temporal keeps each one for at most
30 days, until it is replayed (\`sluice replay\`) or dismissed.

usage: sluice parked [list] [filters] [--limit n] [--all] [--json]
       sluice parked show <id> [--json]
       sluice parked dismiss <id>... [--note <text>]

list     lists parked requests, newest first
show     shows one parked request: reason, headers, body; with --json the exact bytes of the body
dismiss  closes parked requests without sending them

${filterHelp.trim()}
--limit <n>              maximum number, default 50
--all                    also lists closed ones: replayed, dismissed, expired
--note <text>            why they are dismissed; stored with them
--json                   prints JSON
--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
${addressHelp}
`;

const verbs = {
  list: async () => (await import('./parked/list.ts')).listParkedRequests,
  show: async () => (await import('./parked/show.ts')).showParked,
  dismiss: async () => (await import('./parked/settle-parked.ts')).dismissParked,
} as const;

/** Runs the subcommand list (default), show or dismiss. */
export const run = (args: readonly string[]): Promise<number> =>
  runSubcommand('parked', verbs, args, (word) => (word.startsWith('parked:') ? 'show' : undefined));
