import { holidayKind } from '../../domain/alerts/sending-days.ts';
import { messageTexts } from '../../domain/alerts/text/message-text.ts';
import { placeName } from '../../domain/alerts/text/place-name.ts';
import { attributionOf } from '../../domain/weather/providers.ts';
import type { components } from '../openapi-types.ts';
import { type CurrentAlert, contentOf } from './current-alert.ts';
import type { SubscriptionRow } from './stored-subscription.ts';
import { timeOf } from './time-of.ts';

type Preview = components['schemas']['Preview'];

/** A message about one place is always smaller. */
const MAX_BYTES = 18_000;

/** Returns what a subscription would send now, and why. */
export function previewOf(alert: CurrentAlert, row: SubscriptionRow, now: number): Preview {
  const { date, dueAt, reason, channelDisabled, evaluation, staleSince } = alert;
  const content = contentOf(alert, row);
  return {
    ...{ date, dueAt: timeOf(dueAt), wouldSend: reason === 'match' || reason === 'always', reason },
    ...(channelDisabled === null ? {} : { channelDisabled }),
    forecast: content === undefined ? null : { ...content.forecast },
    clauses: (evaluation?.clauses ?? []).map(({ id, result, decidedBy }) => ({ id, result, decidedBy })),
    text: textOf(alert, row, now),
    holidayData: holidayKind(date) === 'unknown' ? 'unknown' : 'known',
    ...(staleSince === undefined ? {} : { staleSince: timeOf(staleSince) }),
  };
}

function textOf(alert: CurrentAlert, row: SubscriptionRow, now: number): Preview['text'] {
  const content = contentOf(alert, row);
  if (content === undefined || alert.evaluation === undefined) return null;
  if (content.text !== undefined) return { title: content.text, markdown: content.text };
  const { locale, tz, forecast, staleSince, issuedAt, provider } = content;
  const { decision } = alert.evaluation;
  const section = {
    ...{ name: placeName(row.key.adcode), forecast, decision },
    ...(staleSince === undefined ? {} : { staleSince }),
  };
  const message = {
    ...{ locale, date: alert.date, tz, now, lateMs: 0, sections: [section], issuedAt },
    ...{ attribution: attributionOf(provider), shortId: 'preview' },
  };
  const [text] = messageTexts(message, { maxBytes: MAX_BYTES });
  return text === undefined ? null : { title: text.title, markdown: text.markdown };
}
