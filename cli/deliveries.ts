import { apiAccessHelp } from './api-client.ts';
import { runSubcommand } from './command.ts';

/** The text of `sluice deliveries --help`. */
export const help = `
Shows what was sent to channels, and why something was not sent. Sends a message again.

usage: sluice deliveries [list] [--subscription <id>] [--channel <id>] [--status <status>] [--from <day>] [--limit n] [--json]
       sluice deliveries resend <id> [--json]

list    lists the deliveries of all channels, the newest first. It reads at most 10,000 deliveries, or --limit if this is more,
        and says so if there are more
resend  sends a failed, unknown or expired delivery again, until the day that it is about ends

--subscription <id>   only of this subscription
--channel <id>        only to this channel
--status <status>     due, claimed, sent, unknown, skipped, expired, no_data or failed
--from <day>          only about this day and later days, such as 2026-12-01
--limit <n>           show at most this many, default 50
${apiAccessHelp}
`;

const verbs = {
  list: async () => (await import('./deliveries/list.ts')).listDeliveries,
  resend: async () => (await import('./deliveries/resend.ts')).resendDelivery,
} as const;

/** Runs the subcommand list (default) or resend. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('deliveries', verbs, args);
