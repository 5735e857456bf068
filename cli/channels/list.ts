import { type ChannelAnswer, minuteText, problemText, readPages } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { alignColumns, oneLine, printJson } from '../terminal-text.ts';

/** `sluice channels [list]` */
export async function listChannels(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, apiOptions);
  const api = apiClient(values, readCliConfig());
  const channels = await readPages<ChannelAnswer>(api, '/v1/channels');
  if (values.json) printJson(channels);
  else if (channels.length === 0) console.log('there is no channel; sluice channels add creates one');
  else for (const line of alignColumns(channels.map(columnsOf))) console.log(line);
  return 0;
}

/** The columns of a channel, for people. */
export const columnsOf = ({ id, kind, name, url, disabled }: ChannelAnswer): string[] => [
  ...[id, kind, oneLine(name ?? '', 40), oneLine(url, 80)],
  ...(disabled === null
    ? []
    : [
        `stopped since ${minuteText(disabled.at)}: ${oneLine(problemText(disabled.code, disabled.meaning), 200)}`,
      ]),
];
