import { type DeliveryContent, deliveryKind } from './delivery.ts';
import type { Decision } from './evaluate-condition.ts';
import { sendTime } from './send-time.ts';
import type { PartNumber } from './text/alert-message.ts';

/** A row of the ledger that is not yet sent. Instants are in epoch ms. */
export interface OpenDelivery {
  readonly channelId: string;
  readonly deliveryId: string;
  readonly content: DeliveryContent;
  readonly subscriptionId: string;
  readonly adcode: string;
  readonly date: string;
  readonly dueAt: number;
  readonly createdAt: number;
  /** Until when the row may be sent. */
  readonly until: number;
  readonly decision: Decision | undefined;
  /** Undefined while no message includes the row. */
  readonly claim: DeliveryClaim | undefined;
}

/** A row is claimed before its message is sent. */
export interface DeliveryClaim {
  readonly messageId: string;
  readonly part: PartNumber | undefined;
  /** How often the message was sent. */
  readonly tries: number;
  /** When the message may be sent again. Undefined: an attempt began, and its result is unknown. */
  readonly retryAt: number | undefined;
  readonly maybeDuplicate: boolean;
}

/** Rows that are sent together. */
export interface DeliveryGroup {
  readonly deliveries: readonly [OpenDelivery, ...OpenDelivery[]];
  /** The rows' claim; undefined if they have none. */
  readonly claim: DeliveryClaim | undefined;
  /** The message is not sent before this instant. */
  readonly sendAt: number;
}

/**
 * Groups the open rows of one channel into messages, the earliest first. Rows about the same day that are due together and
 * may be sent until the same instant, in the same language and zone, become one message. Rows that a message has claimed
 * stay together.
 */
export function groupDeliveries(open: readonly OpenDelivery[]): DeliveryGroup[] {
  const groups = new Map<string, OpenDelivery[]>();
  for (const delivery of open) {
    const key = groupKey(delivery);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [delivery]);
    else group.push(delivery);
  }
  return [...groups.values()].map(groupOf).sort((one, other) => one.sendAt - other.sendAt);
}

function groupOf(deliveries: OpenDelivery[]): DeliveryGroup {
  const [first, ...others] = deliveries as [OpenDelivery, ...OpenDelivery[]];
  const sendAt = first.claim === undefined ? Math.max(...deliveries.map(timeOf)) : (first.claim.retryAt ?? 0);
  return { deliveries: [first, ...others], claim: first.claim, sendAt };
}

function groupKey(delivery: OpenDelivery): string {
  const { claim, content, date, dueAt, until, deliveryId } = delivery;
  if (claim !== undefined) return claim.messageId;
  if (content.kind === 'text' || content.text !== undefined) return deliveryId;
  const { locale, tz, correction } = content;
  const when = correction === undefined ? dueAt : timeOf(delivery);
  return JSON.stringify([date, when, until, locale, tz, correction !== undefined, timeOf(delivery)]);
}

const timeOf = ({ channelId, deliveryId, content, dueAt, createdAt, until }: OpenDelivery): number => {
  const isAsked = content.kind === 'text' || deliveryKind(deliveryId) === 'now';
  const kind = isAsked ? 'text' : content.correction === undefined ? 'first' : 'correction';
  return sendTime({ channelId, kind, dueAt, createdAt, until });
};
