/** How the sender of a channel changes the ledger. */
import type { AttemptOutcome } from '../../domain/alerts/after-attempt.ts';
import type { DeliveryClaim, OpenDelivery } from '../../domain/alerts/group-deliveries.ts';
import type { DeliveryStatus, SkipReason } from '../../domain/alerts/occurrence.ts';
import type { PartNumber } from '../../domain/alerts/text/alert-message.ts';
import type { SendProblem } from '../../domain/channels/send-result.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { AlertDeps } from './alert-deps.ts';
import { emitOrLog } from './emit-or-log.ts';
import { changeOfRow, type LedgerColumns } from './ledger.ts';
import { writeLedger } from './ledger-writes.ts';

/** What every step of one call of `sendDue` needs. */
export interface SendContext {
  readonly deps: AlertDeps;
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** The rows that one message has claimed. */
export interface MessageRows {
  readonly id: string;
  readonly part: PartNumber | undefined;
  readonly deliveries: readonly OpenDelivery[];
  /** The number of attempts to send the message, including the one that follows. */
  readonly tries: number;
  readonly maybeDuplicate: boolean;
}

/**
 * Claims rows for a message. A row that was cancelled meanwhile is left out. If the result of an earlier attempt is
 * unknown, the rows are marked with `maybeduplicate`.
 */
export async function claimRows(
  { deps, clock, signal }: SendContext,
  { id, part, deliveries }: Pick<MessageRows, 'id' | 'part' | 'deliveries'>,
  earlier: DeliveryClaim | undefined,
): Promise<MessageRows> {
  const tries = (earlier?.tries ?? 0) + 1;
  const maybeDuplicate = earlier !== undefined && (earlier.maybeDuplicate || earlier.retryAt === undefined);
  const now = BigInt(clock());
  const set = {
    ...{ status: 'claimed', messageid: id, tries: BigInt(tries), claimedat: now, changedat: now },
    ...(part === undefined ? {} : { part: `${part.number}/${part.of}` }),
    ...(maybeDuplicate ? { maybeduplicate: true } : {}),
  };
  const from: Parameters<typeof changeOfRow>[1] =
    earlier === undefined ? { status: 'due' } : { status: 'claimed', messageId: earlier.messageId };
  const writes = deliveries.map(({ channelId, deliveryId }) =>
    changeOfRow({ channelId, deliveryId }, from, set, ['retryat']),
  );
  const outcomes = await deps.store.writeMany(deliveriesTable, writes, { signal });
  const failed = outcomes.find((outcome) => outcome.outcome === 'failed');
  if (failed?.outcome === 'failed') throw failed.error;
  const claimed = deliveries.filter((_, index) => outcomes[index]?.outcome === 'written');
  return { id, part, deliveries: claimed, tries, maybeDuplicate };
}

/**
 * Records the outcome of an attempt to send a message. Emits `sluice.alert.delivered` when the receiver has confirmed
 * it.
 */
export async function recordOutcome(
  sending: SendContext,
  { id, deliveries }: MessageRows,
  outcome: AttemptOutcome,
): Promise<void> {
  const { deps, clock, signal } = sending;
  const now = clock();
  await writeLedger(
    deps,
    deliveries.map((delivery) =>
      changeOfRow(keyOf(delivery), { status: 'claimed', messageId: id }, columnsOf(outcome, now)),
    ),
    signal,
  );
  if (outcome.status === 'sent') await announce(sending, id, deliveries, now);
}

/**
 * Closes rows that are not sent any more. If the last attempt of a row has no result, the row may have been sent. Then
 * it gets the status `unknown`.
 */
export async function closeRows(
  { deps, clock, signal }: SendContext,
  deliveries: readonly OpenDelivery[],
  end:
    | { readonly status: 'failed'; readonly problem: SendProblem }
    | { readonly status: 'expired'; readonly reason: 'late' }
    | { readonly status: 'skipped'; readonly reason: SkipReason },
): Promise<void> {
  const now = clock();
  const writes = deliveries.map((delivery) => {
    const { claim } = delivery;
    const isUnknown = claim !== undefined && (claim.maybeDuplicate || claim.retryAt === undefined);
    const from: Parameters<typeof changeOfRow>[1] =
      claim === undefined ? { status: 'due' } : { status: 'claimed', messageId: claim.messageId };
    const status: DeliveryStatus = isUnknown ? 'unknown' : end.status;
    const why =
      end.status === 'failed' ? problemColumns(end.problem) : isUnknown ? {} : { reason: end.reason };
    return changeOfRow(keyOf(delivery), from, { status, changedat: BigInt(now), ...why });
  });
  await writeLedger(deps, writes, signal);
}

function columnsOf(outcome: AttemptOutcome, now: number): PartialColumnValues<LedgerColumns> {
  const changed = { status: outcome.status, changedat: BigInt(now) };
  if (outcome.status === 'sent') return { ...changed, sentat: BigInt(now) };
  const late = outcome.status === 'expired' ? { reason: 'late' } : {};
  if (outcome.status !== 'claimed') return { ...changed, ...late, ...problemColumns(outcome.problem) };
  const { retryAt, maybeDuplicate, problem } = outcome;
  const retry = { retryat: BigInt(Math.ceil(retryAt)), ...(maybeDuplicate ? { maybeduplicate: true } : {}) };
  return { ...changed, ...retry, ...problemColumns(problem) };
}

const problemColumns = (problem: SendProblem | undefined): PartialColumnValues<LedgerColumns> =>
  problem === undefined ? {} : { code: problem.code, meaning: JSON.stringify(problem.meaning) };

const keyOf = ({ channelId, deliveryId }: OpenDelivery) => ({ channelId, deliveryId });

async function announce(
  { deps: { events, log }, signal }: SendContext,
  messageId: string,
  deliveries: readonly OpenDelivery[],
  now: number,
): Promise<void> {
  const [first] = deliveries;
  if (first === undefined || first.content.kind === 'text') return;
  const { channelId, date } = first;
  const about = deliveries.map(({ deliveryId, subscriptionId, adcode }) => ({
    ...{ deliveryId, subscriptionId, adcode },
  }));
  await emitOrLog(
    { events, log },
    {
      ...{ id: messageId, source: '/sluice/alerts', type: 'sluice.alert.delivered', subject: channelId },
      ...{ time: new Date(now).toISOString(), data: { channelId, date, deliveries: about } },
    },
    signal,
  );
}
