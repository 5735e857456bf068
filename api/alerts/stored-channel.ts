import type { Locale } from '../../domain/alerts/text/alert-message.ts';
import { channelsTable } from '../../ports/alert-tables.ts';
import type { Row } from '../../ports/table.ts';
import type { components } from '../openapi-types.ts';
import { Problem } from '../problem.ts';
import type { AlertStore } from './alert-store.ts';
import { timeOf } from './time-of.ts';

export type ChannelRow = Row<typeof channelsTable.key, typeof channelsTable.columns>;

/** A sender can write its state to the row of a channel that was just deleted. Such a row is no channel. */
export const isChannel = (row: ChannelRow | undefined): row is ChannelRow =>
  row?.columns.sealed !== undefined;

/** Throws a problem if there is no such channel. */
export async function requireChannel(
  store: Pick<AlertStore, 'get'>,
  channelId: string,
  signal: AbortSignal,
): Promise<ChannelRow> {
  const row = await store.get(channelsTable, { channelId }, { signal });
  if (!isChannel(row))
    throw new Problem('channel-not-found', `no channel has the id ${JSON.stringify(channelId)}`);
  return row;
}

/** Throws a problem if nothing is sent to the channel any more. */
export function requireEnabled({ key, columns }: ChannelRow): void {
  const problem = disabledText(columns);
  if (problem === undefined) return;
  throw new Problem('conflict', `channel ${key.channelId} ${problem}; ${repairText(key.channelId)}`);
}

/** How to repair a disabled channel, for users of the command line and of the api. */
export const repairText = (channelId: string): string =>
  `repair it with sluice channels change ${channelId}, or with PATCH`;

/** Says since when and why a channel is disabled, with the vendor's code. Undefined if it is not disabled. */
export function disabledText(columns: ChannelRow['columns']): string | undefined {
  const disabled = disabledOf(columns);
  if (disabled === null) return undefined;
  const { at, code, meaning } = disabled;
  const because = meaning === null ? [] : [`${meaning.en} (${meaning.zh})`];
  return [`is disabled since ${at}`, code, ...because].join(': ');
}

/** Returns since when and why a channel is disabled; null if it is not disabled. */
export function disabledOf({
  disabledat,
  disabledcode = '',
  disabledbecause,
}: ChannelRow['columns']): components['schemas']['Channel']['disabled'] {
  if (disabledat === undefined) return null;
  return { at: timeOf(disabledat), code: disabledcode, meaning: meaningOf(disabledbecause) ?? null };
}

/** The address without its path and query, because both can have a secret. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? origin : `${origin}/…`;
}

export const localeOf = ({ columns }: ChannelRow): Locale => (columns.locale === 'en' ? 'en' : 'zh');

/** Returns a channel as the API shows it. */
export function channelView(row: ChannelRow): components['schemas']['Channel'] {
  const { kind = '', name = null, ownerchannelid = null, shownurl = '' } = row.columns;
  const { createdat, changedat, blockeduntil } = row.columns;
  return {
    ...{ id: row.key.channelId, kind, url: shownurl, name, locale: localeOf(row) },
    ownerChannelId: ownerchannelid,
    disabled: disabledOf(row.columns),
    blockedUntil: blockeduntil === undefined ? null : timeOf(blockeduntil),
    ...{ createdAt: timeOf(createdat), changedAt: timeOf(changedat) },
  };
}

/** Reads a meaning, which is stored as JSON. */
export const meaningOf = (json: string | undefined): { zh: string; en: string } | undefined =>
  json === undefined ? undefined : JSON.parse(json);
