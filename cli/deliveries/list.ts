import { type DeliveryAnswer, minuteText, placeText, problemText, readSome } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand, parseWholeNumber } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { alignColumns, oneLine, printJson } from '../terminal-text.ts';

const options = {
  ...apiOptions,
  subscription: { type: 'string' },
  channel: { type: 'string' },
  status: { type: 'string' },
  from: { type: 'string' },
  limit: { type: 'string', default: '50' },
} as const;

/** At most this many deliveries are read, in the order of the api, to find the newest ones. */
const MAX_READ = 10_000;

/** `sluice deliveries [list]`. The api lists by channel, so the newest ones are known only after all channels are read. */
export async function listDeliveries(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, options);
  const limit = parseWholeNumber('--limit', values.limit, 1, 100_000);
  const query = new URLSearchParams();
  for (const name of ['subscription', 'channel', 'status', 'from'] as const)
    if (values[name] !== undefined) query.set(name, values[name]);
  const api = apiClient(values, readCliConfig());
  const path = `/v1/deliveries?${query}`;
  const { items, hasMore } = await readSome<DeliveryAnswer>(api, path, Math.max(limit, MAX_READ));
  const deliveries = items.sort((one, other) => timeOf(other) - timeOf(one)).slice(0, limit);
  if (values.json) printJson(deliveries);
  else if (deliveries.length === 0) console.log('there is no delivery');
  else for (const line of alignColumns(deliveries.map(columnsOf))) console.log(line);
  // Not on standard output, which can be JSON.
  if (hasMore)
    console.error(
      `these are the newest of the first ${items.length} deliveries by channel, and there are more; --channel, --subscription, --status or --from selects fewer`,
    );
  else if (items.length > limit)
    console.error(`these are the newest ${limit} of ${items.length} deliveries; --limit shows more`);
  return 0;
}

/** When a delivery was due, or was created, in epoch ms. */
const timeOf = ({ dueAt, createdAt }: DeliveryAnswer): number => Date.parse(dueAt ?? createdAt);

function columnsOf(delivery: DeliveryAnswer): string[] {
  const { id, kind, adcode, date, status, dueAt } = delivery;
  return [
    ...[dueAt === null ? '' : minuteText(dueAt), status, kind, adcode ? placeText(adcode) : ''],
    // The id begins with the id of the channel.
    ...[date ?? '', id, oneLine(remarks(delivery).join(', '), 200)],
  ];
}

/** What is remarkable about a delivery: why it was not sent, how late it was, how often it was tried. */
function remarks({ reason, code, meaning, dueAt, sentAt, tries, maybeDuplicate }: DeliveryAnswer): string[] {
  const lateMs = sentAt === null || dueAt === null ? 0 : Date.parse(sentAt) - Date.parse(dueAt);
  const problem = problemText(code, meaning);
  return [
    ...(reason === null ? [] : [reason]),
    ...(problem === '' ? [] : [problem]),
    ...(lateMs >= LATE_MS ? [`${Math.floor(lateMs / 60_000)} min late`] : []),
    ...(tries > 1 ? [`${tries} attempts`] : []),
    ...(maybeDuplicate ? ['may have arrived twice'] : []),
  ];
}

/** Messages are spread over the first 90 s after their due time, so a shorter delay does not count as late. */
const LATE_MS = 120_000;
