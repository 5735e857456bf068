import type { ChannelAnswer } from '../alert-answers.ts';
import { apiClient } from '../api-client.ts';
import { parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { oneLine, printJson } from '../terminal-text.ts';
import { columnsOf } from './list.ts';
import { channelOptions, readSettings } from './settings.ts';

const options = { ...channelOptions, enable: { type: 'boolean' } } as const;

/** `sluice channels change <id>`. Prints neither the address nor the secret. */
export async function changeChannel(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<id>']);
  const [id = ''] = positionals;
  const config = readCliConfig();
  const { url, secret } = await readSettings(values);
  // A new address usually has a new secret. Without a new address, the variable of an earlier command changes nothing.
  const newSecret = secret ?? (url === undefined ? undefined : config.channelSecret || undefined);
  const { keyword, name, locale, owner, enable } = values;
  const removable = { secret: newSecret, keyword, name, ownerChannelId: owner };
  const fields = Object.entries({
    ...{ url, locale, disabled: enable === true ? false : undefined },
    ...Object.fromEntries(Object.entries(removable).map(([field, value]) => [field, value || orNull(value)])),
  }).filter(([, value]) => value !== undefined);
  if (fields.length === 0) throw new UsageError('nothing to change: name at least one option, such as --url');
  const api = apiClient(values, config);
  // With --json, standard output has only the answer.
  (values.json ? console.error : console.log)(oneLine(`changes channel ${id} through ${api.target}`, 500));
  const path = `/v1/channels/${encodeURIComponent(id)}`;
  const channel = await api.send<ChannelAnswer>('PATCH', path, Object.fromEntries(fields));
  if (values.json) printJson(channel);
  else {
    console.log(columnsOf(channel).join('  '));
    console.log(`try it: sluice channels test ${channel.id}`);
  }
  return 0;
}

/** An empty value of an option removes the field. */
const orNull = (value: string | undefined): null | undefined => (value === '' ? null : undefined);
