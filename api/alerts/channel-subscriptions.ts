import { subscriptionsTable } from '../../ports/alert-tables.ts';
import { Problem } from '../problem.ts';
import type { AlertStore } from './alert-store.ts';

const PAGE_ROWS = 1_000;

/** Throws a problem if subscriptions use the channel. Reads all subscriptions, in pages. */
export async function requireNoSubscriptions(
  store: AlertStore,
  channelId: string,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  for (let after: { adcode: string; subscriptionId: string } | undefined; ; ) {
    const columns = ['channelid', 'deletedat'] as const;
    const page = await store.readRows(subscriptionsTable, { after, columns, limit: PAGE_ROWS, signal });
    count += page.filter(
      ({ columns: { channelid, deletedat } }) => channelid === channelId && deletedat === undefined,
    ).length;
    after = page.at(-1)?.key;
    if (page.length < PAGE_ROWS) break;
  }
  if (count === 0) return;
  const number = count === 1 ? '1 subscription' : `${count} subscriptions`;
  throw new Problem(
    'conflict',
    `channel ${channelId} is used by ${number}; delete them or give them another channel`,
  );
}
