import { createHash } from 'node:crypto';
import { type ChannelAnswer, readPages } from '../alert-answers.ts';
import type { ApiClient } from '../api-client.ts';
import { UsageError } from '../command.ts';

/** The options of the service that Sluice replaces. They are used together. */
const NAMES = ['adcode', 'date', 'dayweather', 'dingtalkurl'] as const;

/** Options of a subscription that the replaced service did not have. */
const OTHERS = [
  ...['channel', 'at', 'tz', 'mode', 'when', 'days', 'quiet', 'holidays', 'locale'],
  ...['late-window', 'no-correction'],
] as const;

type Flags = { readonly [name in (typeof NAMES)[number]]?: string | undefined };

/** A subscription as the replaced service had it. */
export interface OriginalSubscription {
  readonly adcode: string;
  /** The address of the robot. */
  readonly url: string;
  /** The other fields of the request to the api. */
  readonly wishes: Readonly<Record<string, unknown>>;
}

/**
 * Reads the options of the replaced service. Undefined if they are not used.
 * @throws UsageError if one is missing, or if others are used, too
 */
export function readOriginalOptions(flags: Flags, city: string): OriginalSubscription | undefined {
  const { adcode, date, dayweather, dingtalkurl } = flags;
  // `--date` belongs to both forms of the command.
  if (adcode === undefined && dayweather === undefined && dingtalkurl === undefined) return undefined;
  const missing = NAMES.find((name) => flags[name] === undefined);
  if (missing !== undefined)
    throw new UsageError(
      `--${missing} is missing; ${NAMES.map((name) => `--${name}`).join(', ')} are used together`,
    );
  const others: readonly string[] = OTHERS;
  const other = city === '' ? Object.keys(flags).find((name) => others.includes(name)) : '<city>';
  if (other !== undefined)
    throw new UsageError(
      `${other === '<city>' ? other : `--${other}`} and --dingtalkurl cannot be used together`,
    );
  return {
    adcode: adcode ?? '',
    url: dingtalkurl ?? '',
    // The replaced service looked only at the day, not at the night, and never sent a correction.
    wishes: {
      date,
      correction: false,
      text: 'original',
      condition: { v: 1, textContains: dayweather, when: 'day' },
    },
  };
}

/**
 * Returns the channel for the address of a robot. The api never shows an address, so the channel is found by its name,
 * which is a hash of the address. Adds the channel if there is none.
 */
export async function channelForRobot(
  api: ApiClient,
  url: string,
): Promise<{ readonly channel: ChannelAnswer; readonly isNew: boolean }> {
  const name = `robot ${createHash('sha256').update(url).digest('hex').slice(0, 16)}`;
  const channels = await readPages<ChannelAnswer>(api, '/v1/channels');
  const known = channels.find((channel) => channel.name === name && channel.disabled === null);
  if (known !== undefined) return { channel: known, isNew: false };
  const channel = await api.send<ChannelAnswer>('POST', '/v1/channels', { kind: 'dingtalk', url, name });
  return { channel, isNew: true };
}
