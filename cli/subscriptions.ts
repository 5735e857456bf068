import { apiAccessHelp } from './api-client.ts';
import { runSubcommand } from './command.ts';

/** The text of `sluice subscriptions --help`. */
export const help = `
Lists, pauses, resumes and deletes subscriptions. \`sluice subscribe\` creates them, \`sluice mute\` mutes them for some time.

usage: sluice subscriptions [list] [--json]
       sluice subscriptions pause <id> [--json]
       sluice subscriptions resume <id> [--json]
       sluice subscriptions delete <id> [--json]

list    lists the subscriptions
pause   sends nothing until \`resume\`
resume  sends again, after a pause or a mute
delete  deletes a subscription. A message that is due and not yet sent is not sent
${apiAccessHelp}
`;

const verbs = {
  list: async () => (await import('./subscriptions/list.ts')).listSubscriptions,
  pause: async () => (await import('./subscriptions/change.ts')).pauseSubscription,
  resume: async () => (await import('./subscriptions/change.ts')).resumeSubscription,
  delete: async () => (await import('./subscriptions/change.ts')).deleteSubscription,
} as const;

/** Runs the subcommand list (default), pause, resume or delete. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('subscriptions', verbs, args);
