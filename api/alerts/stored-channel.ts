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
  const { disabledat, disabledcode = '' } = columns;
  if (disabledat === undefined) return;
  const { zh, en } = meaningOf(columns.disabledbecause) ?? { zh: '', en: '' };
  throw new Problem(
    'conflict',
    `channel ${key.channelId} is disabled since ${timeOf(disabledat)}: ${disabledcode}: ${en} (${zh}); repair it with PATCH`,
  );
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
  const { createdat, changedat, disabledat, disabledcode = '', disabledbecause, blockeduntil } = row.columns;
  return {
    ...{ id: row.key.channelId, kind, url: shownurl, name, locale: localeOf(row) },
    ownerChannelId: ownerchannelid,
    disabled:
      disabledat === undefined
        ? null
        : { at: timeOf(disabledat), code: disabledcode, meaning: meaningOf(disabledbecause) ?? null },
    blockedUntil: blockeduntil === undefined ? null : timeOf(blockeduntil),
    ...{ createdAt: timeOf(createdat), changedAt: timeOf(changedat) },
  };
}

/** Reads a meaning, which is stored as JSON. */
export const meaningOf = (json: string | undefined): { zh: string; en: string } | undefined =>
  json === undefined ? undefined : JSON.parse(json);
