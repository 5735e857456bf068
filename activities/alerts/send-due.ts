import { randomUUID } from 'node:crypto';
import { afterAttempt } from '../../domain/alerts/after-attempt.ts';
import { deliveryKind } from '../../domain/alerts/delivery.ts';
import {
  type DeliveryGroup,
  groupDeliveries,
  type OpenDelivery,
} from '../../domain/alerts/group-deliveries.ts';
import { addDays, localDay } from '../../domain/alerts/local-time.ts';
import type { SendProblem } from '../../domain/channels/send-result.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { PLACE_ZONE } from '../../domain/temporal-contract.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import type { AlertDeps, OpenedChannel } from './alert-deps.ts';
import { type ChannelState, disableChannel, readChannel } from './channel-state.ts';
import { toOpenDelivery } from './ledger.ts';
import { type MessagePart, messageParts } from './message-parts.ts';
import { notifyOwner, TOO_LATE } from './notify-owner.ts';
import { nextAllowedAt, readSendLimit, recordAttempt, recordBlock, type SendLimit } from './send-limit.ts';
import { claimRows, closeRows, type MessageRows, recordOutcome, type SendContext } from './sender-ledger.ts';
import { withheldRows } from './withheld-rows.ts';

/** One call works for at most about this time. The run then calls again. */
const MAX_CALL_MS = 30_000;

/**
 * The sender reads the rows from this many days before today. Older rows cannot be sent any more, because their days
 * are over.
 */
const DAYS_BACK = 2;

export interface SenderTask {
  readonly channelId: string;
  /** When the task was created, in epoch ms. */
  readonly now: number;
}

export interface SenderResult {
  /** The number of messages that the receiver confirmed. */
  readonly sent: number;
  /** Call again at this instant (epoch ms). Absent: nothing is left to send. */
  readonly wakeAt?: number;
}

/**
 * Sends what is due in a channel, one message after the other, within the limits of the channel. Rows are claimed
 * before their message is sent, and get its outcome afterwards. If an attempt ends between these two steps, the next
 * attempt cannot know whether the message was sent. It sends the message once more, and marks the rows with
 * `maybeduplicate`.
 */
export async function sendDue(deps: AlertDeps, task: SenderTask, signal: AbortSignal): Promise<SenderResult> {
  const { channelId } = task;
  const now = Math.max(task.now, deps.clock());
  const began = performance.now();
  const sending: SendContext = { deps, signal, clock: () => Math.floor(now + performance.now() - began) };
  for (let sent = 0; ; ) {
    const channel = await readChannel(deps.store, channelId, signal);
    const open = await openRows(sending, channelId);
    if (channel === undefined || channel.disabled !== undefined) {
      await closeRows(sending, open, { status: 'failed', problem: channel?.disabled ?? NO_CHANNEL });
      return { sent };
    }
    const opened = await openOrFail(sending, channel, open);
    const [group] = opened === undefined ? [] : groupDeliveries(open);
    if (opened === undefined || group === undefined) return { sent };
    const { messagesPerMinute } = opened.channel.limits;
    const limit = await readSendLimit(deps.store, channel, opened, signal);
    const wakeAt = Math.max(group.sendAt, nextAllowedAt(limit, messagesPerMinute, sending.clock()));
    if (wakeAt > sending.clock() || sending.clock() - now > MAX_CALL_MS) return { sent, wakeAt };
    // If another sender has taken a slot meanwhile, the limit must be read again.
    const isAllowed = await recordAttempt(deps.store, limit, messagesPerMinute, sending.clock(), signal);
    if (isAllowed && (await sendGroup(sending, channel, { ...opened, limit }, group))) sent++;
  }
}

const NO_CHANNEL: SendProblem = {
  code: 'no-channel',
  meaning: { zh: '频道已删除', en: 'the channel was deleted' },
};

/**
 * Returns the rows that can still be sent. Closes rows that are too late, and rows whose message was repeated once
 * without a known result.
 */
async function openRows(sending: SendContext, channelId: string): Promise<OpenDelivery[]> {
  const { deps, clock, signal } = sending;
  const now = clock();
  const from = { deliveryId: addDays(localDay(now, PLACE_ZONE), -DAYS_BACK) };
  const range = { prefix: { channelId }, from, where: IS_OPEN, signal };
  const rows: OpenDelivery[] = [];
  for await (const row of deps.store.range(deliveriesTable, range)) {
    const delivery = toOpenDelivery(row);
    if (delivery !== undefined) rows.push(delivery);
  }
  const isOver = ({ until, claim }: OpenDelivery): boolean =>
    until <= now || (claim !== undefined && claim.retryAt === undefined && claim.maybeDuplicate);
  const [firstLate, ...otherLate] = rows.filter(({ until }) => until <= now);
  if (firstLate !== undefined) {
    const about = { deliveryId: firstLate.deliveryId, rows: String(otherLate.length + 1) };
    await notifyOwner(
      deps,
      channelId,
      { code: 'late', text: TOO_LATE, about, isEventOnly: true },
      now,
      signal,
    );
  }
  await closeRows(sending, rows.filter(isOver), { status: 'expired', reason: 'late' });
  return rows.filter((row) => !isOver(row));
}

const IS_OPEN = {
  any: (['due', 'claimed'] as const).map(
    (value) => ({ column: 'status', is: '=', value, ifMissing: 'unmet' }) as const,
  ),
};

/** Opens the channel. If that is not possible, its rows fail, and the owner gets a notice. */
async function openOrFail(
  sending: SendContext,
  channel: ChannelState,
  open: readonly OpenDelivery[],
): Promise<OpenedChannel | undefined> {
  try {
    return sending.deps.openChannel(channel);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problem = { code: error.type, meaning: { zh: error.message, en: error.message } };
    await fail(sending, channel.channelId, open, problem);
    return undefined;
  }
}

/**
 * Sends the rows of a group as one message. If the text is too long for one message, sends only its first part. Rows whose
 * subscriptions were deleted, paused or muted meanwhile are closed instead.
 * Resolves to true if the receiver confirmed the message.
 */
async function sendGroup(
  sending: SendContext,
  channel: ChannelState,
  opened: OpenedChannel & { readonly limit: SendLimit },
  group: DeliveryGroup,
): Promise<boolean> {
  const { deps, clock, signal } = sending;
  const { channelId } = channel;
  const { messageBytes } = opened.channel.limits;
  const withheld = await withheldRows(deps.store, group.deliveries, signal);
  for (const reason of new Set(withheld.values())) {
    const rows = group.deliveries.filter((delivery) => withheld.get(delivery) === reason);
    await closeRows(sending, rows, { status: 'skipped', reason });
  }
  const [first, ...others] = group.deliveries.filter((delivery) => !withheld.has(delivery));
  if (first === undefined) return false;
  const id = group.claim?.messageId ?? randomUUID();
  const options = {
    id,
    now: clock(),
    maxBytes: messageBytes,
    keyword: opened.keyword,
    part: group.claim?.part,
  };
  const [planned] = messageParts([first, ...others], options);
  if (planned === undefined) return false;
  const { deliveries } = planned;
  const rows = await claimRows(sending, { id, part: planned.text.part, deliveries }, group.claim);
  // If rows were cancelled meanwhile, the text is written again without them.
  const [part] = rows.deliveries.length === deliveries.length ? [planned] : rewritten(rows, options);
  if (part === undefined) return false;
  const { title, markdown } = part.text;
  const data = { deliveries: rows.deliveries.map(({ deliveryId }) => deliveryId) };
  const result = await opened.channel.send({ id, title, markdown, data }, signal);
  const now = clock();
  const { rowId } = opened.limit;
  if (result.kind === 'throttled')
    await recordBlock(deps.store, { rowId, channelId }, now + result.afterMs, signal);
  const about = { tries: rows.tries, maybeDuplicate: rows.maybeDuplicate, until: untilOf(rows) };
  const outcome = afterAttempt(result, { ...about, now });
  // The notice comes before the outcome, because a repetition sends no notice about rows that have an outcome.
  if (outcome.status !== 'sent' && outcome.status !== 'claimed')
    await tellOwner(sending, channelId, rows, outcome.problem);
  await recordOutcome(sending, rows, outcome);
  if (result.kind === 'dead') await disableChannel(deps.store, channel, result, now, signal);
  return outcome.status === 'sent';
}

function rewritten(
  { deliveries: [first, ...others] }: MessageRows,
  options: Parameters<typeof messageParts>[1],
): MessagePart[] {
  return first === undefined ? [] : messageParts([first, ...others], options);
}

const isNotice = ({ deliveryId }: OpenDelivery): boolean => deliveryKind(deliveryId) === 'notice';

const untilOf = ({ deliveries }: MessageRows): number => Math.min(...deliveries.map(({ until }) => until));

async function fail(
  sending: SendContext,
  channelId: string,
  open: readonly OpenDelivery[],
  problem: SendProblem,
): Promise<void> {
  if (open.length === 0) return;
  // The notice comes before the rows are closed. If the rows were closed first and the notice failed, a repetition
  // would find no open rows and send no notice.
  const { deps, signal, clock } = sending;
  const about = { rows: String(open.length), day: localDay(clock(), PLACE_ZONE) };
  const notice = { code: problem.code, text: problem.meaning, about, isEventOnly: open.every(isNotice) };
  await notifyOwner(deps, channelId, notice, clock(), signal);
  await closeRows(sending, open, { status: 'failed', problem });
}

async function tellOwner(
  { deps, signal, clock }: SendContext,
  channelId: string,
  { id, deliveries }: MessageRows,
  { code, meaning }: SendProblem,
): Promise<void> {
  const notice = { code, text: meaning, about: { messageId: id }, isEventOnly: deliveries.every(isNotice) };
  await notifyOwner(deps, channelId, notice, clock(), signal);
}
