import { adcodeOfSubscription, type SubscriptionDocument } from '../../domain/alerts/subscription.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { ColumnValues, Row } from '../../ports/table.ts';
import type { components } from '../openapi-types.ts';
import { Problem } from '../problem.ts';
import type { AlertStore } from './alert-store.ts';
import { timeOf } from './time-of.ts';

type SubscriptionKey = ColumnValues<typeof subscriptionsTable.key>;
type StoredRow = Row<typeof subscriptionsTable.key, typeof subscriptionsTable.columns>;

/** A subscription that is not deleted. */
export interface SubscriptionRow extends StoredRow {
  readonly document: SubscriptionDocument;
  readonly channelId: string;
}

/** Returns the key of a row; undefined if the text is not the id of a subscription. */
export function subscriptionKey(subscriptionId: string): SubscriptionKey | undefined {
  const adcode = adcodeOfSubscription(subscriptionId);
  return adcode === undefined ? undefined : { adcode, subscriptionId };
}

/** Returns a row that is a subscription and not deleted; undefined for other rows. */
export function asSubscription(row: StoredRow | undefined): SubscriptionRow | undefined {
  const { document, channelid, deletedat } = row?.columns ?? {};
  if (row === undefined || document === undefined || channelid === undefined || deletedat !== undefined)
    return undefined;
  return { ...row, document: JSON.parse(document), channelId: channelid };
}

/** Throws a problem if there is no such subscription, or if it is deleted. */
export async function requireSubscription(
  store: AlertStore,
  subscriptionId: string,
  signal: AbortSignal,
): Promise<SubscriptionRow> {
  const key = subscriptionKey(subscriptionId);
  const row = asSubscription(key && (await store.get(subscriptionsTable, key, { signal })));
  if (row === undefined)
    throw new Problem(
      'subscription-not-found',
      `no subscription has the id ${JSON.stringify(subscriptionId.slice(0, 200))}`,
    );
  return row;
}

/** Returns a subscription as the API shows it. */
export function subscriptionView(row: SubscriptionRow): components['schemas']['Subscription'] {
  const { paused = false, muteduntil, createdat, changedat } = row.columns;
  return {
    ...{ id: row.key.subscriptionId, adcode: row.key.adcode, channelId: row.channelId },
    ...(row.document as unknown as Omit<
      components['schemas']['Subscription'],
      'id' | 'adcode' | 'channelId' | 'paused' | 'mutedUntil' | 'createdAt' | 'changedAt'
    >),
    ...{ paused, mutedUntil: muteduntil === undefined ? null : timeOf(muteduntil) },
    ...{ createdAt: timeOf(createdat), changedAt: timeOf(changedat) },
  };
}
