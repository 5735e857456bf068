import { apiAccessHelp } from './api-client.ts';
import { runSubcommand } from './command.ts';

/** The text of `sluice channels --help`. */
export const help = `
Lists, adds, changes, tests and deletes channels: where messages about the weather go.

usage: sluice channels [list] [--json]
       sluice channels add <kind> --url <url> [options] [--json]
       sluice channels change <id> [--url <url>] [options] [--enable] [--json]
       sluice channels test <id> [--json]
       sluice channels delete <id> [--json]

list    lists the channels
add     adds a channel. <kind> is dingtalk (the robot of a group) or webhook (a program)
change  changes the fields that the options name. An empty value removes secret, keyword, name or owner. A new address,
        secret or keyword enables a disabled channel again
test    sends a message to a channel now; exit code 1 if the receiver does not accept it
delete  deletes a channel

--url <url>        the address; - reads it from standard input. Addresses are secret: nothing shows the whole address again
--secret <text>    the secret of the signature; - reads it from standard input. SLUICE_CHANNEL_SECRET is safer, because other
                   users can see a command's options
--keyword <text>   the word that the robot requires in every message
--name <text>      a name for people
--locale <zh|en>   the language of messages to this channel; default: zh
--owner <id>       the channel that is told if this one stops working
--enable           for change: sends to a disabled channel again
${apiAccessHelp}
`;

const verbs = {
  list: async () => (await import('./channels/list.ts')).listChannels,
  add: async () => (await import('./channels/add.ts')).addChannel,
  change: async () => (await import('./channels/change-fields.ts')).changeChannel,
  test: async () => (await import('./channels/change.ts')).testChannel,
  delete: async () => (await import('./channels/change.ts')).deleteChannel,
} as const;

/** Runs the subcommand list (default), add, change, test or delete. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('channels', verbs, args);
