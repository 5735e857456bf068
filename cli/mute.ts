import { isCalendarDay, startOfDay } from '../domain/alerts/local-time.ts';
import { parseTimestampMs } from '../domain/timestamp.ts';
import { minuteText, type SubscriptionAnswer } from './alert-answers.ts';
import { apiAccessHelp, apiClient, apiOptions } from './api-client.ts';
import { parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { oneLine, printJson } from './terminal-text.ts';

/** The text of `sluice mute --help`. */
export const help = `
Mutes a subscription: nothing that is due before a given time is sent.

usage: sluice mute <id> --until <time> [--json]

--until <time>   12h or 3d from now; a day such as 2026-12-05, which means its first moment in the subscription's time zone; or a
                 time such as 2026-12-05T18:00:00+08:00. \`sluice subscriptions resume\` ends it earlier
${apiAccessHelp}
`;

/** Mutes a subscription, and prints until when. */
export async function run(args: readonly string[]): Promise<number> {
  const options = { ...apiOptions, until: { type: 'string' } } as const;
  const { values, positionals } = parseCommand(args, options, ['<id>']);
  const [id = ''] = positionals;
  if (values.until === undefined) throw new UsageError('--until is missing');
  const instantIn = readUntil(values.until);
  const api = apiClient(values, readCliConfig());
  const path = `/v1/subscriptions/${encodeURIComponent(id)}`;
  const { tz } = await api.get<SubscriptionAnswer>(path);
  const until = new Date(instantIn(tz)).toISOString();
  // With --json, standard output has only the answer.
  (values.json ? console.error : console.log)(
    oneLine(`mutes subscription ${id} until ${minuteText(until)} through ${api.target}`, 500),
  );
  const answer = await api.send('POST', `${path}/mute`, { until });
  if (values.json) printJson(answer);
  else console.log('muted');
  return 0;
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** Parses `--until`. Returns a function that gives the instant (epoch ms) for a subscription's time zone. */
export function readUntil(text: string, now = Date.now()): (zone: string) => number {
  const [, amount, unit = ''] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  if (amount !== undefined) return () => now + Number(amount) * (UNIT_MS[unit] ?? 0);
  const instant = parseTimestampMs(text);
  if (instant !== undefined) return () => instant;
  if (isCalendarDay(text)) return (zone) => startOfDay(text, zone);
  const allowed =
    'a duration like 12h or 3d, a day like 2026-12-05, or a time like 2026-12-05T18:00:00+08:00';
  throw new UsageError(`--until is ${JSON.stringify(text)}; allowed: ${allowed}`);
}
