import { buffer } from 'node:stream/consumers';
import type { ChannelAnswer } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { printJson } from '../terminal-text.ts';
import { columnsOf } from './list.ts';

const KINDS = ['dingtalk', 'webhook'];

const options = {
  ...apiOptions,
  url: { type: 'string' },
  secret: { type: 'string' },
  keyword: { type: 'string' },
  name: { type: 'string' },
  locale: { type: 'string' },
  owner: { type: 'string' },
} as const;

/** `sluice channels add <kind> --url <url>`. Prints neither the address nor the secret. */
export async function addChannel(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<kind>']);
  const [kind = ''] = positionals;
  if (!KINDS.includes(kind))
    throw new UsageError(`<kind> is ${JSON.stringify(kind)}; allowed: ${KINDS.join(', ')}`);
  if (values.url === undefined) throw new UsageError('--url is missing');
  if (values.url === '-' && values.secret === '-')
    throw new UsageError('only one of --url and --secret can be read from standard input');
  const config = readCliConfig();
  const url = await readValue(values.url, '--url');
  const secret =
    values.secret === undefined ? config.channelSecret : await readValue(values.secret, '--secret');
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

/** Returns the value of an option, or the first line of standard input for `-`. */
async function readValue(value: string, option: string): Promise<string> {
  if (value !== '-') return value;
  const [line = ''] = (await buffer(process.stdin)).toString('utf8').split(/\r?\n/, 1);
  if (line === '') throw new UsageError(`standard input has no line for ${option}`);
  return line;
}
