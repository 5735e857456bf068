import { buffer } from 'node:stream/consumers';
import { apiOptions } from '../api-client.ts';
import { UsageError } from '../command.ts';

/** The options for the fields of a channel. */
export const channelOptions = {
  ...apiOptions,
  url: { type: 'string' },
  secret: { type: 'string' },
  keyword: { type: 'string' },
  name: { type: 'string' },
  locale: { type: 'string' },
  owner: { type: 'string' },
} as const;

interface Settings {
  readonly url?: string | undefined;
  readonly secret?: string | undefined;
}

/** Returns `--url` and `--secret`. The value `-` of one of them is replaced by the first line of standard input. */
export async function readSettings({ url, secret }: Settings): Promise<Settings> {
  if (url === '-' && secret === '-')
    throw new UsageError('only one of --url and --secret can be read from standard input');
  return { url: await readValue(url, '--url'), secret: await readValue(secret, '--secret') };
}

async function readValue(value: string | undefined, option: string): Promise<string | undefined> {
  if (value !== '-') return value;
  const [line = ''] = (await buffer(process.stdin)).toString('utf8').split(/\r?\n/, 1);
  if (line === '') throw new UsageError(`standard input has no line for ${option}`);
  return line;
}
