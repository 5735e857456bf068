import { lateWindowMs } from '../../domain/alerts/check-subscription.ts';
import { deliveryId } from '../../domain/alerts/delivery.ts';
import { addDays, dueInstant, lateWindowEnd, localDay, startOfDay } from '../../domain/alerts/local-time.ts';
import type { SubscriptionSettings } from '../../domain/alerts/occurrence.ts';
import { subscriptionSettings } from '../../domain/alerts/subscription.ts';
import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { PLACE_ZONE } from '../../domain/temporal-contract.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import type { AlertStore } from './alert-store.ts';
import type { SubscriptionRow } from './stored-subscription.ts';

/** A day that a subscription can send a message about. */
export interface AlertDay {
  /** `yyyy-mm-dd` */
  readonly date: string;
  /** True if no message about this day will be due, and the subscription has no other day. */
  readonly isOver: boolean;
}

export const placeZoneOf = ({ key }: SubscriptionRow): string => placeOf(key.adcode)?.timeZone ?? PLACE_ZONE;

/** Returns a subscription as the functions that decide need it. */
export function settingsOfRow({ document, columns }: SubscriptionRow): SubscriptionSettings {
  const { createdat = 0n, movedat = 0n, changedat = createdat, paused = false, muteduntil } = columns;
  return subscriptionSettings(document, lateWindowMs(document), {
    createdAt: Number(createdat > movedat ? createdat : movedat),
    ...{ changedAt: Number(changedat), paused },
    mutedUntil: muteduntil === undefined ? undefined : Number(muteduntil),
  });
}

/**
 * Returns the day of the next message: the only day of the subscription, or tomorrow at the place, or the day after if
 * the time for a message about tomorrow is over.
 */
export async function nextDay(
  store: AlertStore,
  row: SubscriptionRow,
  now: number,
  signal: AbortSignal,
): Promise<AlertDay> {
  const tomorrow = addDays(localDay(now, placeZoneOf(row)), 1);
  const { date = tomorrow } = row.document;
  const isOpen = await canSendAbout(store, row, { date, now }, signal);
  if (isOpen || row.document.date !== undefined) return { date, isOver: !isOpen };
  return { date: addDays(date, 1), isOver: false };
}

/** The states of a row whose message was sent, or will be sent. */
const SENT = ['due', 'claimed', 'sent', 'unknown'];

/** Checks whether a message about a day was sent, or can still be sent. */
async function canSendAbout(
  store: AlertStore,
  row: SubscriptionRow,
  { date, now }: { readonly date: string; readonly now: number },
  signal: AbortSignal,
): Promise<boolean> {
  const settings = settingsOfRow(row);
  const placeZone = placeZoneOf(row);
  const due = dueInstant(date, settings, placeZone);
  // The run of a day leaves out subscriptions that were created after the due time, and writes no row for them.
  if (settings.createdAt > due || startOfDay(date, placeZone) <= now) return false;
  if (now < due) return true;
  const key = { channelId: row.channelId, deliveryId: deliveryId(date, row.key.subscriptionId, false) };
  const delivery = await store.get(deliveriesTable, key, { columns: ['status'], signal });
  return delivery === undefined
    ? now < lateWindowEnd(date, due, settings.lateWindowMs, placeZone)
    : SENT.includes(delivery.columns.status ?? '');
}
