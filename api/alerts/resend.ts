import { addDays, startOfDay } from '../../domain/alerts/local-time.ts';
import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { PLACE_ZONE } from '../../domain/temporal-contract.ts';
import { deliveriesTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import { Problem } from '../problem.ts';
import { contentOf, evaluateDay } from './current-alert.ts';
import type { KnownRequest } from './perform-once.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import type { DeliveryRow } from './stored-delivery.ts';
import { asSubscription, subscriptionKey } from './stored-subscription.ts';

const RESENDABLE = ['failed', 'unknown', 'expired'];

/**
 * Sets a row to `due` again. It may be sent until its day is over. Its due time stays, so that the message says how
 * late it is.
 */
export async function makeDueAgain(
  deps: AlertRouteDeps,
  row: DeliveryRow,
  { isRepeated }: KnownRequest,
  signal: AbortSignal,
): Promise<void> {
  const { key, columns } = row;
  const { status = '', date = '', changedat, maybeduplicate = false } = columns;
  if (!RESENDABLE.includes(status)) {
    // The first request may have had its effect without recording it.
    if (isRepeated && ['due', 'claimed', 'sent'].includes(status)) return;
    throw new Problem('conflict', `the delivery is ${status}; only ${RESENDABLE.join(', ')} can be resent`);
  }
  const placeZone = placeOf(columns.adcode ?? '')?.timeZone ?? PLACE_ZONE;
  const until = startOfDay(addDays(date, 1), placeZone);
  const now = deps.clock();
  if (until <= now) throw new Problem('conflict', `the delivery is about ${date}, which is over`);
  const set = {
    ...{ status: 'due', until: BigInt(until), changedat: BigInt(now) },
    maybeduplicate: maybeduplicate || status === 'unknown',
    ...(columns.content === undefined ? await newContent(deps, row, now, signal) : {}),
  };
  const remove = ['messageid', 'part', 'claimedat', 'tries', 'retryat', 'reason', 'code', 'meaning'] as const;
  const isSame = [
    { column: 'status', is: '=', value: status, ifMissing: 'unmet' },
    ...(changedat === undefined
      ? []
      : [{ column: 'changedat', is: '=', value: changedat, ifMissing: 'unmet' } as const]),
  ] as const;
  const when = { row: 'exists', columns: { all: isSame } } as const;
  const written = await deps.store.update(deliveriesTable, key, { set, remove }, { when, signal });
  if (written === 'unmet') throw new Problem('conflict', 'the delivery has just changed; look at it again');
}

/**
 * Returns the columns of a message with the newest forecast. A row that expired before its forecast was evaluated has no
 * content, and a sender leaves out rows without content.
 */
async function newContent(
  { store }: AlertRouteDeps,
  { columns: { subscriptionid = '', date = '' } }: DeliveryRow,
  now: number,
  signal: AbortSignal,
): Promise<PartialColumnValues<typeof deliveriesTable.columns>> {
  const key = subscriptionKey(subscriptionid);
  const row = asSubscription(key && (await store.get(subscriptionsTable, key, { signal })));
  if (row === undefined)
    throw new Problem('conflict', 'the delivery has no text yet, and its subscription is deleted');
  const alert = await evaluateDay(store, row, { date, isOver: false, now }, signal);
  const content = contentOf(alert, row);
  if (content === undefined || alert.evaluation === undefined)
    throw new Problem(
      'conflict',
      `the delivery has no text yet, and no forecast of ${row.key.adcode} for ${date} is stored`,
    );
  return { content: JSON.stringify(content), decision: JSON.stringify(alert.evaluation.decision) };
}
