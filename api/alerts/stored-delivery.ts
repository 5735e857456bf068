import { type DeliveryContent, deliveryKind } from '../../domain/alerts/delivery.ts';
import type { Decision } from '../../domain/alerts/evaluate-condition.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import type { ColumnValues, PartialColumnValues, Row } from '../../ports/table.ts';
import type { components } from '../openapi-types.ts';
import { Problem } from '../problem.ts';
import type { AlertStore } from './alert-store.ts';
import { meaningOf } from './stored-channel.ts';
import { timeOf } from './time-of.ts';

export type DeliveryRow = Row<typeof deliveriesTable.key, typeof deliveriesTable.columns>;
type DeliveryKey = ColumnValues<typeof deliveriesTable.key>;
type Delivery = components['schemas']['Delivery'];

/** No key of a row has a `~`, and a `~` needs no escape in a path. */
const SEPARATOR = '~';

/** Throws a problem if there is no such row. */
export async function requireDelivery(
  store: AlertStore,
  id: string,
  signal: AbortSignal,
): Promise<DeliveryRow> {
  const [channelId = '', deliveryId = '', ...more] = id.split(SEPARATOR);
  const isId = channelId !== '' && deliveryId !== '' && more.length === 0;
  const row = isId ? await store.get(deliveriesTable, { channelId, deliveryId }, { signal }) : undefined;
  if (row === undefined)
    throw new Problem('delivery-not-found', `no delivery has the id ${JSON.stringify(id.slice(0, 200))}`);
  return row;
}

/** Returns the columns of a new row that is due now. Instants are in epoch ms. */
export const dueColumns = ({
  now,
  until,
  date,
  content,
  subscription,
}: {
  readonly now: number;
  readonly until: number;
  readonly date: string;
  readonly content: DeliveryContent;
  readonly subscription?: {
    readonly subscriptionId: string;
    readonly adcode: string;
    readonly decision: Decision;
  };
}): PartialColumnValues<typeof deliveriesTable.columns> => ({
  ...{ status: 'due', date, dueat: BigInt(now), until: BigInt(until) },
  ...{ createdat: BigInt(now), changedat: BigInt(now), content: JSON.stringify(content) },
  ...(subscription === undefined
    ? {}
    : {
        subscriptionid: subscription.subscriptionId,
        adcode: subscription.adcode,
        decision: JSON.stringify(subscription.decision),
      }),
});

/** Returns a row of the ledger as the API shows it. */
export function deliveryView({ key, columns }: DeliveryRow): Delivery {
  const { status = 'unknown', reason, code, meaning, subscriptionid, adcode, date } = columns;
  const { sentat, retryat, tries = 0n, maybeduplicate = false, part, messageid } = columns;
  const { content, decision } = columns;
  return {
    id: deliveryIdInApi(key),
    ...{ channelId: key.channelId, subscriptionId: subscriptionid || null, adcode: adcode || null },
    ...{ date: date || null, kind: deliveryKind(key.deliveryId), status: status as Delivery['status'] },
    ...{ reason: reason ?? null, code: code ?? null, meaning: meaningOf(meaning) ?? null },
    ...{ dueAt: optionalTime(columns.dueat), until: optionalTime(columns.until) },
    ...{ createdAt: timeOf(columns.createdat), changedAt: timeOf(columns.changedat) },
    ...{ sentAt: optionalTime(sentat), tries: Number(tries), retryAt: optionalTime(retryat) },
    ...{ maybeDuplicate: maybeduplicate, messageId: messageid ?? null, part: part ?? null },
    decision: decision === undefined ? null : JSON.parse(decision),
    content: content === undefined ? null : JSON.parse(content),
  };
}

export const deliveryIdInApi = ({ channelId, deliveryId }: DeliveryKey): string =>
  `${channelId}${SEPARATOR}${deliveryId}`;

const optionalTime = (instant: bigint | undefined): string | null =>
  instant === undefined ? null : timeOf(instant);
