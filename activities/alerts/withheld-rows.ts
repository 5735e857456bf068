import { deliveryKind } from '../../domain/alerts/delivery.ts';
import type { OpenDelivery } from '../../domain/alerts/group-deliveries.ts';
import type { SkipReason } from '../../domain/alerts/occurrence.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';

/**
 * Returns the rows whose subscriptions were deleted, paused or muted after the rows were written, with the reason. A message
 * can wait for hours: for its receiver, or for the limit of its channel.
 */
export async function withheldRows(
  store: Pick<TableStore, 'getMany'>,
  deliveries: readonly OpenDelivery[],
  signal: AbortSignal,
): Promise<ReadonlyMap<OpenDelivery, SkipReason>> {
  const subscribed = deliveries.filter(({ subscriptionId }) => subscriptionId !== '');
  const keys = subscribed.map(({ adcode, subscriptionId }) => ({ adcode, subscriptionId }));
  const rows = keys.length === 0 ? [] : await store.getMany(subscriptionsTable, keys, { signal });
  const withheld = new Map<OpenDelivery, SkipReason>();
  for (const [index, delivery] of subscribed.entries()) {
    const reason = reasonToWithhold(delivery, rows[index]?.columns);
    if (reason !== undefined) withheld.set(delivery, reason);
  }
  return withheld;
}

function reasonToWithhold(
  { deliveryId, dueAt }: OpenDelivery,
  subscription: PartialColumnValues<typeof subscriptionsTable.columns> | undefined,
): SkipReason | undefined {
  if (subscription === undefined || subscription.deletedat !== undefined) return 'cancelled';
  // Somebody asked for this message, so a pause does not hold it back.
  if (deliveryKind(deliveryId) === 'now') return undefined;
  if (subscription.paused === true) return 'paused';
  return Number(subscription.muteduntil ?? 0n) > dueAt ? 'muted' : undefined;
}
