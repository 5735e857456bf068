import type { DayForecast } from '../weather/forecast.ts';
import type { Condition } from './condition.ts';
import type { ConditionEvaluation, Decision } from './evaluate-condition.ts';
import type { DueTime } from './local-time.ts';
import type { QuietHours, SendingDays } from './sending-days.ts';

/**
 * The states of a delivery. `due`: to be sent. `claimed`: a sender sends it now. `unknown`: it may have been sent.
 * `skipped`: not sent, with a reason. `expired`: not sent, because it was too late. `no_data`: not sent, because there
 * was no forecast. `failed`: the channel did not accept it.
 */
export type DeliveryStatus =
  | ('due' | 'claimed')
  | ('sent' | 'unknown' | 'skipped' | 'expired' | 'no_data' | 'failed');

/** Why nothing was sent. `cancelled`: the subscription was deleted. */
export type SkipReason = 'no_match' | 'not_a_day' | 'paused' | 'muted' | 'cancelled';

/** What a subscriber wants. Instants are in epoch ms. */
export interface SubscriptionSettings extends DueTime, SendingDays {
  readonly createdAt: number;
  /** When the subscription was last changed. */
  readonly changedAt: number;
  /** `alert` sends if the condition is true. `always` sends every day. */
  readonly mode: 'alert' | 'always';
  readonly condition: Condition;
  /** The hours without corrections. They do not hold the first message back, because the subscriber has chosen `at`. */
  readonly quiet?: QuietHours | undefined;
  readonly lateWindowMs: number;
  /** If true, a message is corrected once when the forecast changes the decision. */
  readonly correction: boolean;
  /** The only day (`yyyy-mm-dd`) that the subscription is for. Absent: every day. */
  readonly date?: string | undefined;
  readonly paused: boolean;
  /** Nothing that is due before this instant is sent. */
  readonly mutedUntil?: number | undefined;
  /** When the subscription was deleted. Absent: it is not deleted. */
  readonly deletedAt?: number | undefined;
}

/** A row of the ledger, for one subscription and day. */
export interface Delivery {
  readonly correction: boolean;
  readonly status: DeliveryStatus;
  /** When the row became due or was decided, in epoch ms. */
  readonly dueAt: number;
  /** Why the row was skipped. */
  readonly reason?: SkipReason | undefined;
  /** Absent if no forecast was evaluated. */
  readonly decision?: Decision | undefined;
  /** The forecast of the day that was evaluated. */
  readonly forecast?: DayForecast | undefined;
}

/** The newest forecast of a place. */
export interface NewestForecast {
  /** When the provider last returned it, in epoch ms. */
  readonly fetchedAt: number;
  readonly days: readonly DayForecast[];
}

/** One subscription and one day, at one moment. */
export interface Occurrence {
  readonly settings: SubscriptionSettings;
  /** The day of the forecast at the place, `yyyy-mm-dd`. */
  readonly date: string;
  readonly placeZone: string;
  /** Epoch ms. */
  readonly now: number;
  readonly forecast: NewestForecast | undefined;
  /**
   * When the place was last refreshed for this occurrence, even if the refresh failed. Epoch ms; undefined if never.
   */
  readonly refreshedAt: number | undefined;
  /** The rows so far: at most one message about the day, and one correction. */
  readonly deliveries: readonly Delivery[];
}

/**
 * What to do now. Decide again at `wakeAt` (epoch ms), and when settings, forecast or rows change. Without `wakeAt`,
 * the occurrence is over when this is done.
 */
export type OccurrenceStep =
  | { readonly step: 'wait'; readonly wakeAt: number }
  /** Ask the provider now, if the budget allows it. Then decide again, also after a failure. */
  | { readonly step: 'refresh'; readonly wakeAt: number }
  /** Write a row with status `due`. */
  | {
      readonly step: 'deliver';
      readonly evaluation: ConditionEvaluation;
      /** How long ago it was due. */
      readonly lateMs: number;
      /** True if the forecast is old. The message must say so. */
      readonly isStale: boolean;
      readonly wakeAt: number;
    }
  /** Write a correction with status `due`. */
  | {
      readonly step: 'correct';
      /** `added`: the weather matches now. `withdrawn`: it does not match any more. */
      readonly change: 'added' | 'withdrawn';
      readonly evaluation: ConditionEvaluation;
      readonly wakeAt: number;
    }
  /** Set the status of the row to `skipped`. If there is none, write one. */
  | {
      readonly step: 'skip';
      readonly correction: boolean;
      readonly reason: SkipReason;
      readonly evaluation?: ConditionEvaluation;
      readonly wakeAt?: number;
    }
  /** Set the status of the row to `expired`. If there is none, write one. */
  | { readonly step: 'expire'; readonly correction: boolean }
  /** Write a row with status `no_data`. The evaluation, if there is one, names the missing values. */
  | { readonly step: 'no_data'; readonly evaluation?: ConditionEvaluation }
  /** Nothing is left to do. */
  | { readonly step: 'closed'; readonly reason: 'done' | 'other_date' | 'created_after_due' | 'deleted' };
