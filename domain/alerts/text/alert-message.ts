import type { DayForecast } from '../../weather/forecast.ts';
import type { Decision } from '../evaluate-condition.ts';

export type Locale = 'zh' | 'en';

/** What a message says about one place. */
export interface AlertSection {
  /** The name of the place in both languages: `北京·朝阳区`, `Chaoyang, Beijing`. */
  readonly name: Readonly<Record<Locale, string>>;
  readonly forecast: DayForecast;
  /** Places whose condition is true come first. */
  readonly decision: Decision;
  /** Present in a correction. `before` is the earlier forecast. */
  readonly correction?: { readonly change: 'added' | 'withdrawn'; readonly before: DayForecast };
  /** When the forecast was last fetched, in epoch ms, if it is old. */
  readonly staleSince?: number;
}

/** Everything that a message says to one channel about one day. Instants are in epoch ms. */
export interface AlertMessage {
  readonly locale: Locale;
  /** The day of the forecasts, `yyyy-mm-dd`. */
  readonly date: string;
  /** The zone of the times in the text. It also decides whether the day is today or tomorrow. */
  readonly tz: string;
  readonly now: number;
  /** How long ago the message was due. */
  readonly lateMs: number;
  readonly sections: readonly AlertSection[];
  /** Whose forecasts these are, such as `高德天气`. */
  readonly attribution: string;
  /** When the provider issued the forecasts; undefined if unknown. */
  readonly issuedAt: number | undefined;
  /** A few characters that name the message in the ledger. */
  readonly shortId: string;
}

/** The text of one message for a channel. */
export interface MessageText {
  /** One line without markup. */
  readonly title: string;
  readonly markdown: string;
  /** The places of this part. */
  readonly sections: readonly AlertSection[];
  /** Which part of how many this is. Absent if there is only one. */
  readonly part?: PartNumber;
}

export interface PartNumber {
  readonly number: number;
  readonly of: number;
}
