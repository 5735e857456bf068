import type { ChannelAnswer } from '../alert-answers.ts';
import { apiClient } from '../api-client.ts';
import { parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { printJson } from '../terminal-text.ts';
import { columnsOf } from './list.ts';
import { channelOptions, readSettings } from './settings.ts';

const KINDS = ['dingtalk', 'webhook'];

/** `sluice channels add <kind> --url <url>`. Prints neither the address nor the secret. */
export async function addChannel(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, channelOptions, ['<kind>']);
  const [kind = ''] = positionals;
  if (!KINDS.includes(kind))
    throw new UsageError(`<kind> is ${JSON.stringify(kind)}; allowed: ${KINDS.join(', ')}`);
  if (values.url === undefined) throw new UsageError('--url is missing');
  const config = readCliConfig();
  const { url, secret = config.channelSecret } = await readSettings(values);
  const { keyword, name, locale, owner: ownerChannelId } = values;
  const api = apiClient(values, config);
  // With --json, standard output has only the answer.
  (values.json ? console.error : console.log)(`adds a channel through ${api.target}`);
  const optional = { secret: secret === '' ? undefined : secret, keyword, name, locale, ownerChannelId };
  const channel = await api.send<ChannelAnswer>('POST', '/v1/channels', { kind, url, ...optional });
  if (values.json) printJson(channel);
  else {
    console.log(columnsOf(channel).join('  '));
    console.log(`try it: sluice channels test ${channel.id}`);
  }
  return 0;
}
