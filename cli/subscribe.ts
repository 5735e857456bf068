import type { ChannelAnswer, SubscriptionAnswer } from './alert-answers.ts';
import { type ApiClient, apiAccessHelp, apiClient, apiOptions } from './api-client.ts';
import { parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { type City, cityText, findCity } from './find-city.ts';
import { channelForRobot, readOriginalOptions } from './subscribe/original-options.ts';
import { readWishes, wishHelp, wishOptions } from './subscribe/wishes.ts';
import { columnsOf } from './subscriptions/list.ts';
import { oneLine, printJson } from './terminal-text.ts';

/** The text of `sluice subscribe --help`. */
export const help = `
Subscribes a channel to the weather of a place. By default, the channel gets a message at 20:00 if it will rain or snow
tomorrow.

usage: sluice subscribe <city> --channel <id> [options] [--json]
       sluice subscribe --adcode <code> --date <day> --dayweather <text> --dingtalkurl <url> [--json]

<city>                 the name (乐清), pinyin (yueqing), initials or adcode of a place
--channel <id>         the channel; sluice channels lists the channels
${wishHelp.trim()}

The second form has the options of the service that Sluice replaces: on the evening before the day, the robot gets a message if the
text of the day's weather contains <text>. If no channel has this address, the command adds one.

--adcode <code>        the place
--date <day>           the only day, such as 2026-12-01
--dayweather <text>    such as 雨
--dingtalkurl <url>    the address of a robot of DingTalk
${apiAccessHelp}
`;

const options = {
  ...apiOptions,
  ...wishOptions,
  channel: { type: 'string' },
  adcode: { type: 'string' },
  dayweather: { type: 'string' },
  dingtalkurl: { type: 'string' },
} as const;

/** Creates a subscription. Names the place and the api before it changes anything. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, 'any');
  const words = positionals.join(' ').trim();
  const original = readOriginalOptions(values, words);
  const wishes = original?.wishes ?? readWishes(values);
  if (original === undefined && words === '')
    throw new UsageError('<city> is missing: sluice subscribe 北京');
  if (original === undefined && values.channel === undefined)
    throw new UsageError('--channel is missing; sluice channels lists the channels');

  const api = apiClient(values, readCliConfig());
  const { city, others } = await findCity(api, original?.adcode ?? words);
  // With --json, standard output has only the answer.
  const print = (line: string): void => (values.json ? console.error : console.log)(oneLine(line, 1_000));
  print(`subscribes to ${cityText(city)} through ${api.target}`);
  if (others.length > 0) print(`not meant: ${others.map(cityText).join(', ')}; their adcodes select them`);
  const channelId = original === undefined ? values.channel : await robotChannel(api, original.url, print);
  const subscription = await subscribe(api, city, { ...wishes, channelId });
  if (values.json) printJson(subscription);
  else {
    console.log(columnsOf(subscription).join('  ').trimEnd());
    console.log(`what would be sent now: sluice preview ${subscription.id}`);
  }
  return 0;
}

const subscribe = (api: ApiClient, { adcode }: City, body: object): Promise<SubscriptionAnswer> =>
  api.send('POST', '/v1/subscriptions', { adcode, ...body });

async function robotChannel(api: ApiClient, url: string, print: (line: string) => void): Promise<string> {
  const { channel, isNew }: { channel: ChannelAnswer; isNew: boolean } = await channelForRobot(api, url);
  print(`${isNew ? 'added' : 'uses'} channel ${channel.id}`);
  return channel.id;
}
