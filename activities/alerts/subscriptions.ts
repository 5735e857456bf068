import { lateWindowMs } from '../../domain/alerts/check-subscription.ts';
import type { SubscriptionSettings } from '../../domain/alerts/occurrence.ts';
import { type SubscriptionDocument, subscriptionSettings } from '../../domain/alerts/subscription.ts';
import type { Locale } from '../../domain/alerts/text/alert-message.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { TableStore } from '../../ports/table-store.ts';

/** One page of subscriptions is in memory at a time. */
const PAGE_ROWS = 500;

export interface StoredSubscription {
  readonly subscriptionId: string;
  readonly channelId: string;
  readonly settings: SubscriptionSettings;
  readonly locale: Locale;
  readonly text: SubscriptionDocument['text'];
}

/** Yields the subscriptions of a place in pages, also paused and deleted ones. */
export async function* subscriptionPages(
  store: Pick<TableStore, 'range'>,
  adcode: string,
  signal: AbortSignal,
): AsyncIterable<StoredSubscription[]> {
  let page: StoredSubscription[] = [];
  for await (const { key, columns } of store.range(subscriptionsTable, { prefix: { adcode }, signal })) {
    const {
      channelid,
      document,
      createdat = 0n,
      movedat = 0n,
      paused = false,
      muteduntil,
      deletedat,
    } = columns;
    // Rows of other programs have no document.
    if (channelid === undefined || document === undefined) continue;
    const chosen = JSON.parse(document) as SubscriptionDocument;
    const state = {
      ...{
        createdAt: Number(createdat > movedat ? createdat : movedat),
        paused,
        deleted: deletedat !== undefined,
      },
      mutedUntil: muteduntil === undefined ? undefined : Number(muteduntil),
    };
    page.push({
      ...{
        subscriptionId: key.subscriptionId,
        channelId: channelid,
        locale: chosen.locale,
        text: chosen.text,
      },
      settings: subscriptionSettings(chosen, lateWindowMs(chosen), state),
    });
    if (page.length < PAGE_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
