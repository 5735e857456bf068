import type { OpenDelivery } from '../../domain/alerts/group-deliveries.ts';
import { COLLECT_MS, MAX_SPREAD_MS } from '../../domain/alerts/send-time.ts';
import type { AlertMessage, AlertSection, MessageText } from '../../domain/alerts/text/alert-message.ts';
import { messageTexts, type TextOptions } from '../../domain/alerts/text/message-text.ts';
import { placeName } from '../../domain/alerts/text/place-name.ts';
import { attributionOf } from '../../domain/weather/providers.ts';

/** A part of a message, and the rows that it is about. */
export interface MessagePart {
  readonly text: Pick<MessageText, 'title' | 'markdown' | 'part'>;
  readonly deliveries: readonly OpenDelivery[];
}

/**
 * Returns the text of a message for rows that are sent together. A long text has several parts. Two subscriptions of
 * the same place become one line. `id` names the message in the ledger.
 */
export function messageParts(
  deliveries: readonly [OpenDelivery, ...OpenDelivery[]],
  { id, now, ...options }: TextOptions & { readonly id: string; readonly now: number },
): MessagePart[] {
  const [first] = deliveries;
  if (first.content.kind === 'text') {
    const { title, markdown } = first.content;
    return [{ text: { title, markdown }, deliveries }];
  }
  if (first.content.text !== undefined) {
    const { text } = first.content;
    return [{ text: { title: text, markdown: text }, deliveries }];
  }
  const byPlace = new Map<string, OpenDelivery[]>();
  for (const delivery of deliveries) {
    const same = byPlace.get(delivery.adcode);
    if (same === undefined) byPlace.set(delivery.adcode, [delivery]);
    else same.push(delivery);
  }
  const sections = new Map([...byPlace].flatMap(([adcode, same]) => sectionOf(adcode, same)));
  const message = alertMessage(first, [...sections.keys()], id, now);
  return messageTexts(message, options).map(({ sections: ofPart, ...text }) => ({
    text,
    deliveries: ofPart.flatMap((section) => byPlace.get(sections.get(section) ?? '') ?? []),
  }));
}

function alertMessage(
  { content, date, dueAt }: OpenDelivery,
  sections: readonly AlertSection[],
  id: string,
  now: number,
): AlertMessage {
  if (content.kind === 'text') throw new Error('a text of its own has no places');
  const { locale, tz, provider, issuedAt, correction } = content;
  return {
    ...{ locale, date, tz, now, sections, attribution: attributionOf(provider), issuedAt },
    // A correction has no due time that people know.
    lateMs: correction === undefined ? latenessOf(now - dueAt) : 0,
    shortId: id.slice(0, 4),
  };
}

/** A message does not count as late within the longest time that `sendTime` can add after the due time. */
const latenessOf = (sinceDueMs: number): number => (sinceDueMs > MAX_SPREAD_MS + COLLECT_MS ? sinceDueMs : 0);

/** The subscription with the most severe reason decides how its place is shown. */
function sectionOf(adcode: string, same: readonly OpenDelivery[]): [AlertSection, string][] {
  const [most] = [...same].sort((one, other) => severityOf(other) - severityOf(one));
  if (most === undefined || most.content.kind === 'text') return [];
  const { forecast, correction, staleSince } = most.content;
  const section: AlertSection = {
    ...{ name: placeName(adcode), forecast, decision: most.decision ?? { matched: [], severity: 0 } },
    ...(correction === undefined ? {} : { correction }),
    ...(staleSince === undefined ? {} : { staleSince }),
  };
  return [[section, adcode]];
}

const severityOf = ({ decision }: OpenDelivery): number =>
  (decision?.severity ?? 0) + (decision !== undefined && decision.matched.length > 0 ? 10 : 0);
