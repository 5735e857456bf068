import type { DeliveryContent } from '../../domain/alerts/delivery.ts';
import { deliveryId } from '../../domain/alerts/delivery.ts';
import type { ConditionEvaluation } from '../../domain/alerts/evaluate-condition.ts';
import { dueInstant } from '../../domain/alerts/local-time.ts';
import type { DeliveryStatus, OccurrenceStep } from '../../domain/alerts/occurrence.ts';
import { originalText } from '../../domain/alerts/text/original-text.ts';
import type { DayForecast } from '../../domain/weather/forecast.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { NewestPlaceForecast } from '../../runtime/newest-forecast.ts';
import type { AlertDeps } from './alert-deps.ts';
import { changeOfRow, type LedgerColumns, type LedgerRow, type LedgerWrite } from './ledger.ts';
import type { StoredSubscription } from './subscriptions.ts';

/** What a row is about. */
export interface LedgerContext {
  readonly adcode: string;
  readonly date: string;
  readonly now: number;
  readonly placeZone: string;
  readonly forecast: NewestPlaceForecast | undefined;
  readonly subscription: StoredSubscription;
  /** The rows that exist: the message about the day, and its correction. */
  readonly rows: readonly LedgerRow[];
}

/** Returns the write for a step; undefined if the step changes no row. */
export function ledgerWrite(step: OccurrenceStep, context: LedgerContext): LedgerWrite | undefined {
  const { now } = context;
  switch (step.step) {
    case 'wait':
    case 'refresh':
    case 'closed':
      return undefined;
    case 'deliver': {
      // `wakeAt` is when the message may no longer be sent. Then the place is decided again.
      const times = { dueat: BigInt(now - step.lateMs), until: BigInt(step.wakeAt) };
      return newRow(context, 'due', { ...times, ...contentColumns(context, step.evaluation, step.isStale) });
    }
    case 'correct': {
      const before = contentOf(context.rows[0])?.forecast ?? forecastOf(context);
      const correction = before && { change: step.change, before };
      const times = { dueat: BigInt(now), until: BigInt(step.wakeAt) };
      return newRow(
        context,
        'due',
        { ...times, ...contentColumns(context, step.evaluation, false, correction) },
        true,
      );
    }
    case 'skip': {
      const set = {
        reason: step.reason,
        ...(step.evaluation ? contentColumns(context, step.evaluation, false) : {}),
      };
      return finalStatusWrite(context, step.correction, 'skipped', set);
    }
    case 'expire':
      return finalStatusWrite(context, step.correction, 'expired', { reason: 'late' });
    case 'no_data':
      return finalStatusWrite(context, false, 'no_data', { reason: 'no_data' });
  }
}

/**
 * Returns the write of a final status. If there is no row, the write creates it. If there is one, the write changes it
 * only while it is `due`.
 */
function finalStatusWrite(
  context: LedgerContext,
  correction: boolean,
  status: DeliveryStatus,
  set: PartialColumnValues<LedgerColumns>,
): LedgerWrite {
  const key = keyOf(context, correction);
  const exists = context.rows.some((row) => row.key.deliveryId === key.deliveryId);
  if (!exists) return newRow(context, status, set, correction);
  return changeOfRow(key, { status: 'due' }, { ...set, status, changedat: BigInt(context.now) });
}

function newRow(
  context: LedgerContext,
  status: DeliveryStatus,
  columns: PartialColumnValues<LedgerColumns>,
  correction = false,
): LedgerWrite {
  const { adcode, date, now, subscription, placeZone } = context;
  const about = { subscriptionid: subscription.subscriptionId, adcode, date, status };
  // When the message about the day was due. The `columns` of a correction overwrite this with the time of its decision.
  const dueat = BigInt(dueInstant(date, subscription.settings, placeZone));
  const times = { dueat, createdat: BigInt(now), changedat: BigInt(now) };
  return {
    ...{ key: keyOf(context, correction), do: 'put', when: { row: 'absent' } },
    columns: { ...about, ...times, ...columns },
  };
}

const keyOf = ({ subscription, date }: LedgerContext, correction: boolean) => ({
  channelId: subscription.channelId,
  deliveryId: deliveryId(date, subscription.subscriptionId, correction),
});

const forecastOf = ({ forecast, date }: LedgerContext): DayForecast | undefined =>
  forecast?.days.find((day) => day.date === date);

/** Returns the columns `content` and `decision`: what a message says, and why it is sent. */
function contentColumns(
  context: LedgerContext,
  { decision }: ConditionEvaluation,
  isStale: boolean,
  correction?: Extract<DeliveryContent, { kind: 'weather' }>['correction'],
): PartialColumnValues<LedgerColumns> {
  const { forecast, subscription } = context;
  const day = forecastOf(context);
  if (forecast === undefined || day === undefined) return {};
  const content: DeliveryContent = {
    ...{ kind: 'weather', locale: subscription.locale, tz: subscription.settings.tz, forecast: day },
    provider: forecast.provider,
    ...(forecast.issuedAt === undefined ? {} : { issuedAt: forecast.issuedAt }),
    ...(correction === undefined ? {} : { correction }),
    ...(isStale ? { staleSince: forecast.fetchedAt } : {}),
    ...(subscription.text === 'original' ? { text: originalText(context.adcode, day) } : {}),
  };
  return { content: JSON.stringify(content), decision: JSON.stringify(decision) };
}

function contentOf(row: LedgerRow | undefined): Extract<DeliveryContent, { kind: 'weather' }> | undefined {
  const json = row?.columns.content;
  const content = json === undefined ? undefined : (JSON.parse(json) as DeliveryContent);
  return content?.kind === 'weather' ? content : undefined;
}

/**
 * Writes rows, and returns the writes that had an effect. A row that another attempt has changed meanwhile stays as it is.
 * @throws the error of the store if a row could not be written
 */
export async function writeLedger(
  { store, deliveryCounter }: Pick<AlertDeps, 'store' | 'deliveryCounter'>,
  writes: readonly LedgerWrite[],
  signal: AbortSignal,
): Promise<ReadonlySet<LedgerWrite>> {
  const outcomes = await store.writeMany(deliveriesTable, writes, { signal });
  const written = new Set<LedgerWrite>();
  for (const [index, write] of writes.entries()) {
    const outcome = outcomes[index];
    if (outcome?.outcome === 'failed') throw outcome.error;
    if (outcome?.outcome !== 'written' || write.do === 'delete') continue;
    written.add(write);
    const { status } = write.do === 'put' ? write.columns : (write.set ?? {});
    if (status !== undefined && status !== 'due' && status !== 'claimed') deliveryCounter.inc({ status });
  }
  return written;
}
