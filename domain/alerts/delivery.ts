import type { DayForecast } from '../weather/forecast.ts';
import type { AlertSection, Locale } from './text/alert-message.ts';

/** What a row of the ledger says to its channel. */
export type DeliveryContent =
  /** About one place and day. Rows that are due together become one message. */
  | {
      readonly kind: 'weather';
      readonly locale: Locale;
      /** The zone of the times in the text. */
      readonly tz: string;
      readonly forecast: DayForecast;
      readonly correction?: AlertSection['correction'];
      /** When the forecast was last fetched, in epoch ms, if it is old. */
      readonly staleSince?: number;
      /** When the provider issued the forecast, in epoch ms. */
      readonly issuedAt?: number;
      /** The id of the provider, such as `amap`. */
      readonly provider: string;
      /** The text of the service that Sluice replaces, instead of Sluice's own text. */
      readonly text?: string;
    }
  /** A message of its own: a test of the channel, or a notice to an owner. */
  | { readonly kind: 'text'; readonly title: string; readonly markdown: string };

/** Why a row of the ledger exists. `now`: somebody asked for the message of a subscription. `notice`: to an owner. */
export type DeliveryKind = 'alert' | 'correction' | 'now' | 'test' | 'notice';

/** Returns what the id of a row says about it. */
export function deliveryKind(deliveryId: string): DeliveryKind {
  const [, about = '', last = ''] = deliveryId.split('.');
  if (about === 'test' || about === 'notice') return about;
  if (last.startsWith('now-')) return 'now';
  return last === '1' ? 'correction' : 'alert';
}

/** Returns the id of a row of the ledger for a subscription and a day (`yyyy-mm-dd`). */
export const deliveryId = (date: string, subscriptionId: string, correction: boolean): string =>
  `${date}.${subscriptionId}.${correction ? 1 : 0}`;
