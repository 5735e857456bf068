import { addressHelp } from './addresses.ts';
import { runSubcommand } from './command.ts';
import { filterHelp } from './parked/filter.ts';

/** What `sluice parked --help` prints. */
export const help = `
Looks after parked requests: what was answered 400 or 422, what matched nothing where its source wants it kept, and what
a broker gave up on. Each is kept in Temporal until it is sent again (\`sluice replay\`), dismissed, or 30 days old.

usage: sluice parked [list] [filters] [--limit n] [--all] [--json]
       sluice parked show <id> [--json]
       sluice parked dismiss <id>... [--note <text>]

list     what is parked, newest first
show     everything about one: reason, headers, body; with --json the body's exact bytes
dismiss  puts requests aside that nobody wants any more

${filterHelp.trim()}
--limit <n>              at most so many, default 50
--all                    also what is settled: sent again, dismissed, expired
--note <text>            why they are dismissed; kept with them
--json                   prints JSON
--address <host:port>    Temporal's address
--namespace <name>       its namespace
${addressHelp}
`;

const verbs = {
  list: async () => (await import('./parked/list.ts')).listParkedRequests,
  show: async () => (await import('./parked/show.ts')).showParked,
  dismiss: async () => (await import('./parked/settle-parked.ts')).dismissParked,
} as const;

/** Dispatches to list (the default), show or dismiss. */
export const run = (args: readonly string[]): Promise<number> =>
  runSubcommand('parked', verbs, args, (word) => (word.startsWith('parked:') ? 'show' : undefined));
