import type { Condition } from './condition.ts';
import type { SubscriptionSettings } from './occurrence.ts';
import type { QuietHours, Weekday } from './sending-days.ts';
import type { Locale } from './text/alert-message.ts';

/** What a subscriber chose, with all defaults. This is how it is stored, and how the API shows it. */
export interface SubscriptionDocument {
  readonly condition: Condition;
  /** `hh:mm`. */
  readonly at: string;
  /** An IANA name. */
  readonly tz: string;
  readonly mode: 'alert' | 'always';
  /** Absent: every day. */
  readonly days?: readonly Weekday[];
  readonly quiet?: QuietHours;
  readonly holidays: 'keep' | 'skip';
  /** How late a message may be, as an ISO 8601 duration: `PT3H`. */
  readonly lateWindow: string;
  readonly correction: boolean;
  /** The only day, `yyyy-mm-dd`. Absent: every day. */
  readonly date?: string;
  readonly locale: Locale;
  /** Sends the text of the service that Sluice replaces. Absent: Sluice's own text. */
  readonly text?: 'original';
}

/** A subscription's state, beside what the subscriber chose. Instants are in epoch ms. */
export interface SubscriptionState {
  /** When the subscription was created, or got its current channel. */
  readonly createdAt: number;
  readonly changedAt: number;
  readonly paused: boolean;
  readonly mutedUntil?: number | undefined;
  readonly deletedAt?: number | undefined;
}

/** Returns a subscription as the functions that decide need it. `lateWindowMs` is the parsed `lateWindow`. */
export function subscriptionSettings(
  { lateWindow: _, locale: __, text: ___, ...document }: SubscriptionDocument,
  lateWindowMs: number,
  state: SubscriptionState,
): SubscriptionSettings {
  return { ...document, lateWindowMs, ...state };
}

/** Returns the adcode of a subscription's id; undefined if the text is no such id. */
export const adcodeOfSubscription = (subscriptionId: string): string | undefined =>
  /^(\d{6})-[0-9A-HJKMNP-TV-Z]{26}$/.exec(subscriptionId)?.[1];
