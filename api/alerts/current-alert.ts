import { reasonToSkip } from '../../domain/alerts/decide-occurrence.ts';
import type { DeliveryContent } from '../../domain/alerts/delivery.ts';
import type { ConditionEvaluation } from '../../domain/alerts/evaluate-condition.ts';
import { evaluateOccurrence } from '../../domain/alerts/evaluate-occurrence.ts';
import { dueInstant } from '../../domain/alerts/local-time.ts';
import type { SkipReason, SubscriptionSettings } from '../../domain/alerts/occurrence.ts';
import { originalText } from '../../domain/alerts/text/original-text.ts';
import { channelsTable } from '../../ports/alert-tables.ts';
import { type NewestPlaceForecast, readNewestForecast } from '../../runtime/newest-forecast.ts';
import type { AlertStore } from './alert-store.ts';
import { type AlertDay, nextDay, placeZoneOf, settingsOfRow } from './next-day.ts';
import { disabledOf } from './stored-channel.ts';
import type { SubscriptionRow } from './stored-subscription.ts';

/** What a subscription would send if its message were due now. Instants are in epoch ms. */
export interface CurrentAlert {
  /** The day of the forecast, `yyyy-mm-dd`. */
  readonly date: string;
  readonly placeZone: string;
  readonly settings: SubscriptionSettings;
  /** When the message of this day is due. */
  readonly dueAt: number;
  /** `match` and `always`: the message would be sent. The others say why not. */
  readonly reason: 'match' | 'always' | 'no_data' | 'channel_disabled' | 'over' | SkipReason;
  /** Since when and why the channel is disabled; null if it is not disabled. */
  readonly channelDisabled: ReturnType<typeof disabledOf>;
  readonly forecast: NewestPlaceForecast | undefined;
  /** Undefined if there is no forecast for the day. */
  readonly evaluation: ConditionEvaluation | undefined;
  /** When the forecast was last fetched, if it is too old. */
  readonly staleSince: number | undefined;
}

/** Evaluates a subscription for the day of its next message, with the newest forecast, as at `now`. */
export async function evaluateNow(
  store: AlertStore,
  row: SubscriptionRow,
  now: number,
  signal: AbortSignal,
): Promise<CurrentAlert> {
  return evaluateDay(store, row, { ...(await nextDay(store, row, now, signal)), now }, signal);
}

/** Evaluates a subscription for a day, with the newest forecast, as at `now`. */
export async function evaluateDay(
  store: AlertStore,
  row: SubscriptionRow,
  { date, isOver, now }: AlertDay & { readonly now: number },
  signal: AbortSignal,
): Promise<CurrentAlert> {
  const [settings, placeZone] = [settingsOfRow(row), placeZoneOf(row)];
  const dueAt = dueInstant(date, settings, placeZone);
  const [forecast, channel] = await Promise.all([
    readNewestForecast(store, row.key.adcode, date, signal),
    store.get(channelsTable, { channelId: row.channelId }, { signal }),
  ]);
  const channelDisabled = channel === undefined ? null : disabledOf(channel.columns);
  const occurrence = { settings, date, placeZone, now, forecast, refreshedAt: undefined, deliveries: [] };
  const { evaluation, isStale } = evaluateOccurrence(occurrence, now);
  const reasonWithoutMessage =
    (isOver ? 'over' : undefined) ??
    (channelDisabled === null ? undefined : 'channel_disabled') ??
    reasonToSkip(occurrence, dueAt);
  return {
    ...{ date, placeZone, settings, dueAt, channelDisabled, forecast, evaluation },
    reason: reasonWithoutMessage ?? reasonOf(settings, evaluation, isStale),
    staleSince: isStale ? forecast?.fetchedAt : undefined,
  };
}

/** Returns the reason that `decideOccurrence` would find at the due time with this forecast. */
function reasonOf(
  { mode }: SubscriptionSettings,
  evaluation: ConditionEvaluation | undefined,
  isStale: boolean,
): CurrentAlert['reason'] {
  if (evaluation === undefined) return 'no_data';
  if (mode === 'always') return 'always';
  if (isStale || evaluation.result === 'unknown') return 'no_data';
  return evaluation.result ? 'match' : 'no_match';
}

/** Returns what the ledger keeps of the message; undefined if there is no forecast for the day. */
export function contentOf(
  { date, settings, forecast, staleSince }: CurrentAlert,
  { document, key: { adcode } }: SubscriptionRow,
): Extract<DeliveryContent, { kind: 'weather' }> | undefined {
  const day = forecast?.days.find((each) => each.date === date);
  if (forecast === undefined || day === undefined) return undefined;
  const { issuedAt, provider } = forecast;
  return {
    ...{ kind: 'weather', locale: document.locale, tz: settings.tz, forecast: day, provider },
    ...(staleSince === undefined ? {} : { staleSince }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(document.text === 'original' ? { text: originalText(adcode, day) } : {}),
  };
}
