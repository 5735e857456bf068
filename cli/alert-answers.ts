import { DateTime } from 'luxon';
import type { components } from '../api/openapi-types.ts';
import { placeOf } from '../domain/catalogue/catalogue.ts';
import type { ApiClient } from './api-client.ts';

type Schemas = components['schemas'];
export type ChannelAnswer = Schemas['Channel'];
export type ChannelTestAnswer = Schemas['ChannelTest'];
export type SubscriptionAnswer = Schemas['Subscription'];
export type PreviewAnswer = Schemas['Preview'];
export type DeliveryAnswer = Schemas['Delivery'];
type Meaning = Schemas['Meaning'];

/** The largest page that the api returns. */
const PAGE_ITEMS = 100;

/** Reads all pages of a list. `path` may have a query. */
export const readPages = async <Item>(api: ApiClient, path: string): Promise<Item[]> =>
  (await readSome<Item>(api, path, Number.POSITIVE_INFINITY)).items;

/** Reads the first pages of a list, at most `limit` items. `path` may have a query. */
export async function readSome<Item>(
  api: ApiClient,
  path: string,
  limit: number,
): Promise<{ readonly items: Item[]; readonly hasMore: boolean }> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const url = new URL(path, 'http://api');
    url.searchParams.set('limit', String(Math.min(limit, PAGE_ITEMS)));
    if (cursor !== null) url.searchParams.set('cursor', cursor);
    type Page = { readonly items: readonly Item[]; readonly next: string | null };
    const page: Page = await api.get<Page>(`${url.pathname}${url.search}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && items.length < limit);
  return { items: items.slice(0, limit), hasMore: cursor !== null || items.length > limit };
}

/** Names a place as `北京市 · 朝阳区 (110105)`. */
export const placeText = (adcode: string): string => {
  const place = placeOf(adcode);
  return place === undefined ? adcode : `${place.path.join(' · ')} (${adcode})`;
};

/** The code of a vendor and its meaning: `310000: the keyword is missing (缺少关键词)`. */
export const problemText = (code?: string | null, meaning?: Meaning | null): string =>
  [code, meaning ? `${meaning.en} (${meaning.zh})` : undefined].filter(Boolean).join(': ');

/** An RFC 3339 time to the minute, in the zone of this machine: `2026-12-01 20:00 +08:00`. */
export const minuteText = (time: string): string => DateTime.fromISO(time).toFormat('yyyy-MM-dd HH:mm ZZ');
