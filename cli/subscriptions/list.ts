import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_CONDITION } from '../../domain/alerts/condition-nodes.ts';
import { minuteText, placeText, readPages, type SubscriptionAnswer } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { alignColumns, oneLine, printJson } from '../terminal-text.ts';

/** `sluice subscriptions [list]` */
export async function listSubscriptions(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, apiOptions);
  const api = apiClient(values, readCliConfig());
  const list = await readPages<SubscriptionAnswer>(api, '/v1/subscriptions');
  if (values.json) printJson(list);
  else if (list.length === 0) console.log('there is no subscription; sluice subscribe creates one');
  else for (const line of alignColumns(list.map(columnsOf))) console.log(line);
  return 0;
}

/** The columns of a subscription, for people. */
export const columnsOf = (subscription: SubscriptionAnswer): string[] => {
  const { id, adcode, channelId, at, tz, paused, mutedUntil } = subscription;
  return [
    ...[id, placeText(adcode), `${at} ${tz}`, wishText(subscription), `channel ${channelId}`],
    [
      ...(paused ? ['paused'] : []),
      ...(mutedUntil === null ? [] : [`muted until ${minuteText(mutedUntil)}`]),
    ].join(', '),
  ];
};

/** What must be true for a message, and for which days. */
function wishText({ mode, condition, days, date }: SubscriptionAnswer): string {
  const isDefault = isDeepStrictEqual(condition, DEFAULT_CONDITION);
  const what =
    mode === 'always' ? 'always' : isDefault ? 'rain or snow' : oneLine(JSON.stringify(condition), 60);
  const when = date ?? (days ? `days ${days.join(',')}` : '');
  return [what, when].filter(Boolean).join(', ');
}
