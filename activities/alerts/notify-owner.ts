import { createHash } from 'node:crypto';
import type { DeliveryContent } from '../../domain/alerts/delivery.ts';
import { localDay } from '../../domain/alerts/local-time.ts';
import type { Locale } from '../../domain/alerts/text/alert-message.ts';
import { placeName } from '../../domain/alerts/text/place-name.ts';
import { markdownText } from '../../domain/markdown-text.ts';
import { PLACE_ZONE } from '../../domain/temporal-contract.ts';
import { channelsTable, deliveriesTable } from '../../ports/alert-tables.ts';
import type { AlertDeps } from './alert-deps.ts';
import { emitOrLog } from './emit-or-log.ts';

/** A notice that cannot be sent within this time is given up. */
const NOTICE_MS = 24 * 60 * 60_000;

const MAX_NAME = 60;
const MAX_TEXT = 500;

/** Something that the owner of a channel must know. */
export interface OwnerNotice {
  /** One sentence about what happened, without address or secret. */
  readonly text: Readonly<Record<Locale, string>>;
  /** Names the problem: a code of the vendor, a code of Sluice, or `no_data`. */
  readonly code: string;
  readonly about: Readonly<Record<string, string>>;
  /**
   * True: there is an event and a line of the log, but no message. For example, if a notice itself could not be sent: if
   * two broken channels owned each other, their notices would never end.
   */
  readonly isEventOnly?: boolean;
  /** The owner gets one message for all notices of the channel with this key. Absent: each notice has its own message. */
  readonly messageKey?: string;
}

/**
 * Gives the owner of a channel a notice. Always emits the event `sluice.alert.failed`, and writes to the log. If the
 * channel names an owner's channel, also writes a message for the owner's channel. A repetition emits the event with
 * the same id, and writes no second message.
 */
export async function notifyOwner(
  deps: AlertDeps,
  channelId: string,
  { text, code, about, messageKey, isEventOnly = false }: OwnerNotice,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const { store, runs, events, log } = deps;
  const channel = await store.get(channelsTable, { channelId }, { signal });
  const { name = channelId, ownerchannelid: owner } = channel?.columns ?? {};
  log.warn({ channelId, code, ...about }, text.en);
  const id = [channelId, code, ...Object.values(about)].join('/');
  await emitOrLog(
    { events, log },
    {
      ...{ id, time: new Date(now).toISOString() },
      ...{ source: '/sluice/alerts', type: 'sluice.alert.failed', subject: channelId },
      data: { channelId, code, meaning: text, ...about },
    },
    signal,
  );
  if (owner === undefined || owner === channelId || isEventOnly) return;
  const receiver = await store.get(channelsTable, { channelId: owner }, { signal });
  if (receiver === undefined) return;
  const locale: Locale = receiver.columns.locale === 'en' ? 'en' : 'zh';
  const date = localDay(now, PLACE_ZONE);
  const content: DeliveryContent = {
    kind: 'text',
    title: locale === 'zh' ? '天气提醒没有送达' : 'A weather alert was not delivered',
    markdown: `**${markdownText(name, MAX_NAME)}**\n\n${markdownText(text[locale], MAX_TEXT)}`,
  };
  const messageId = messageKey === undefined ? id : `${channelId}/${messageKey}`;
  const hash = createHash('sha256').update(messageId).digest('hex').slice(0, 26);
  const key = { channelId: owner, deliveryId: `${date}.notice.${hash}` };
  const times = { dueat: BigInt(now), until: BigInt(now + NOTICE_MS), createdat: BigInt(now) };
  const columns = { ...times, changedat: BigInt(now), status: 'due', date, subscriptionid: '', adcode: '' };
  await store.put(
    deliveriesTable,
    key,
    { ...columns, content: JSON.stringify(content) },
    {
      ...{ signal, when: { row: 'absent' } },
    },
  );
  await runs.wakeSender(owner, now, signal);
}

/** The text of the event about rows that could not be sent in time. */
export const TOO_LATE = {
  zh: '提醒没有及时发送，已经过期',
  en: 'alerts were not sent in time, and are not sent any more',
};

/**
 * Returns the notice that nothing was sent, because there was no forecast for the day. The owner gets one message for all
 * places of a day: an outage of the provider concerns all of them.
 */
export function noDataNotice({
  adcode,
  date,
}: {
  readonly adcode: string;
  readonly date: string;
}): OwnerNotice {
  const name = placeName(adcode);
  return {
    code: 'no_data',
    text: {
      zh: `没有${name.zh} ${date} 的天气预报，所以没有发送提醒。其他地点可能也没有预报`,
      en: `There is no forecast for ${name.en} on ${date}, so no alert was sent. Other places may also have none`,
    },
    about: { adcode, date },
    messageKey: `no_data/${date}`,
  };
}

/** Returns the event that the messages about a place and day are too late. */
export const lateNotice = ({
  adcode,
  date,
}: {
  readonly adcode: string;
  readonly date: string;
}): OwnerNotice => ({
  ...{ code: 'late', text: TOO_LATE, about: { adcode, date }, isEventOnly: true },
});
