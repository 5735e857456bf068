import type { DeliveryContent } from '../../domain/alerts/delivery.ts';
import type { Decision } from '../../domain/alerts/evaluate-condition.ts';
import type { DeliveryClaim, OpenDelivery } from '../../domain/alerts/group-deliveries.ts';
import type { Delivery, DeliveryStatus, SkipReason } from '../../domain/alerts/occurrence.ts';
import type { PartNumber } from '../../domain/alerts/text/alert-message.ts';
import type { deliveriesTable } from '../../ports/alert-tables.ts';
import type { ColumnValues, PartialColumnValues, Row } from '../../ports/table.ts';
import type { RowWrite } from '../../ports/table-store.ts';

export type LedgerColumns = typeof deliveriesTable.columns;
export type LedgerKey = ColumnValues<typeof deliveriesTable.key>;
export type LedgerRow = Row<typeof deliveriesTable.key, LedgerColumns>;
export type LedgerWrite = RowWrite<typeof deliveriesTable.key, LedgerColumns>;

/** Returns a row as `decideOccurrence` needs it. */
export function toDelivery({ key, columns }: LedgerRow): Delivery {
  const { status, reason, decision, dueat = 0n } = columns;
  const content = parsed<DeliveryContent>(columns.content);
  return {
    correction: key.deliveryId.endsWith('.1'),
    status: status as DeliveryStatus,
    dueAt: Number(dueat),
    reason: reason as SkipReason | undefined,
    decision: parsed<Decision>(decision),
    forecast: content?.kind === 'weather' ? content.forecast : undefined,
  };
}

/** Returns a row as the sender needs it; undefined if it is not open, or has no content. */
export function toOpenDelivery({ key, columns }: LedgerRow): OpenDelivery | undefined {
  const { status, dueat = 0n, createdat = 0n, until = 0n, subscriptionid = '', adcode = '' } = columns;
  const content = parsed<DeliveryContent>(columns.content);
  if ((status !== 'due' && status !== 'claimed') || content === undefined) return undefined;
  return {
    ...{ ...key, content, subscriptionId: subscriptionid, adcode, date: columns.date ?? '' },
    ...{ dueAt: Number(dueat), createdAt: Number(createdat), until: Number(until) },
    decision: parsed<Decision>(columns.decision),
    claim: status === 'claimed' ? claimOf(columns) : undefined,
  };
}

function claimOf(columns: PartialColumnValues<LedgerColumns>): DeliveryClaim {
  const { messageid = '', part, tries = 0n, retryat, maybeduplicate = false } = columns;
  return {
    ...{ messageId: messageid, part: toPart(part), tries: Number(tries), maybeDuplicate: maybeduplicate },
    retryAt: retryat === undefined ? undefined : Number(retryat),
  };
}

function toPart(text: string | undefined): PartNumber | undefined {
  const [number, of] = (text ?? '').split('/').map(Number);
  return number !== undefined && of !== undefined ? { number, of } : undefined;
}

const parsed = <T>(json: string | undefined): T | undefined =>
  json === undefined ? undefined : (JSON.parse(json) as T);

/**
 * Returns a write that changes a row only if the row has the status `from.status`. If `from.messageId` is given, the
 * row must also belong to this message.
 */
export function changeOfRow(
  key: LedgerKey,
  from: { readonly status: DeliveryStatus; readonly messageId?: string },
  set: PartialColumnValues<LedgerColumns>,
  remove: readonly (keyof LedgerColumns & string)[] = [],
): LedgerWrite {
  const isStatus = { column: 'status', is: '=', value: from.status, ifMissing: 'unmet' } as const;
  const columns =
    from.messageId === undefined
      ? isStatus
      : {
          all: [
            isStatus,
            { column: 'messageid', is: '=', value: from.messageId, ifMissing: 'unmet' } as const,
          ],
        };
  return { key, do: 'update', set, remove, when: { row: 'exists', columns } };
}
