import type { Request } from 'express';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { ColumnChanges } from '../../ports/table-store.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import { changeRow, isVersion } from './row-versions.ts';
import { requireSubscription, type SubscriptionRow } from './stored-subscription.ts';

/**
 * Changes the subscription that a request names, and tells the run of its place. Resolves to the row after the change.
 * If the change deletes the subscription, resolves to the row before the change.
 */
export async function changeSubscription(
  { store, signals, clock }: AlertRouteDeps,
  req: Request,
  signal: AbortSignal,
  changesOf: (row: SubscriptionRow) => ColumnChanges<typeof subscriptionsTable.columns>,
  isDeleted?: 'deleted',
): Promise<SubscriptionRow> {
  const id = String(req.params.id);
  const before = await changeRow(
    req,
    () => requireSubscription(store, id, signal),
    (row) => {
      const { set, ...changes } = changesOf(row);
      const version = (row.columns.version ?? 0n) + 1n;
      const change = { ...changes, set: { ...set, version, changedat: BigInt(clock()) } };
      const when = { row: 'exists', columns: isVersion(row.columns.version) } as const;
      return store.update(subscriptionsTable, row.key, change, { when, signal });
    },
  );
  await signals.subscriptionChanged(before.key.adcode, signal);
  return isDeleted ? before : requireSubscription(store, id, signal);
}
