import { decideCorrection, endOfItsWindow } from './decide-correction.ts';
import { evaluateOccurrence } from './evaluate-occurrence.ts';
import { dueInstant, lateWindowEnd } from './local-time.ts';
import type { Delivery, Occurrence, OccurrenceStep, SkipReason } from './occurrence.ts';
import { isSendingDay } from './sending-days.ts';

export type {
  Delivery,
  DeliveryStatus,
  NewestForecast,
  Occurrence,
  OccurrenceStep,
  SkipReason,
  SubscriptionSettings,
} from './occurrence.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long before the due time the place is refreshed once more. */
export const REFRESH_BEFORE_MS = 15 * MINUTE_MS;

/** How long after a refresh without a usable forecast the next one follows. */
export const REFRESH_AGAIN_MS = 15 * MINUTE_MS;

/**
 * Decides what to do now about one subscription and day. The newest forecast decides at the due time. Afterwards,
 * only a changed decision leads to a message, and only once. The result depends only on the argument: the same rows
 * and the same time give the same step.
 * @throws RangeError if a date, a wall time or a zone does not exist
 */
export function decideOccurrence(occurrence: Occurrence): OccurrenceStep {
  const { settings, date, placeZone, deliveries } = occurrence;
  const due = dueInstant(date, settings, placeZone);
  const lateEnd = lateWindowEnd(date, due, settings.lateWindowMs, placeZone);
  const first = deliveries.find(({ correction }) => !correction);
  if (first === undefined) return decideFirst(occurrence, due, lateEnd);
  const correction = deliveries.find((each) => each.correction);
  if (correction !== undefined) return followCorrection(occurrence, correction, due);
  return followFirst(occurrence, first, due, lateEnd);
}

/** There is no row yet. */
function decideFirst(occurrence: Occurrence, due: number, lateEnd: number): OccurrenceStep {
  const { settings, date, now } = occurrence;
  if (settings.date !== undefined && settings.date !== date) return { step: 'closed', reason: 'other_date' };
  if (settings.createdAt > due) return { step: 'closed', reason: 'created_after_due' };
  if (settings.deletedAt !== undefined) return cancel(settings.deletedAt, due);
  const reason = reasonToSkip(occurrence, due);
  if (now < due) return prepare(occurrence, due, reason === undefined);
  if (reason !== undefined) return { step: 'skip', correction: false, reason };
  if (now >= lateEnd) return giveUp(occurrence, due, lateEnd);
  return evaluate(occurrence, due, lateEnd);
}

/** Only the first day after the deletion gets a row. */
const cancel = (deletedAt: number, due: number): OccurrenceStep =>
  deletedAt > due - DAY_MS
    ? { step: 'skip', correction: false, reason: 'cancelled' }
    : { step: 'closed', reason: 'deleted' };

/** Returns why nothing is sent about a day, whatever its forecast is. `due` is in epoch ms. */
export function reasonToSkip(
  { settings, date }: Pick<Occurrence, 'settings' | 'date'>,
  due: number,
): SkipReason | undefined {
  if (!isSendingDay(date, settings)) return 'not_a_day';
  if (settings.paused) return 'paused';
  return (settings.mutedUntil ?? due) > due ? 'muted' : undefined;
}

/** Before the due time: refresh once, if a message is possible. */
function prepare({ forecast, refreshedAt, now }: Occurrence, due: number, isNeeded: boolean): OccurrenceStep {
  const refreshFrom = due - REFRESH_BEFORE_MS;
  const isRefreshed = Math.max(forecast?.fetchedAt ?? 0, refreshedAt ?? 0) >= refreshFrom;
  if (!isNeeded || isRefreshed) return { step: 'wait', wakeAt: due };
  return now < refreshFrom ? { step: 'wait', wakeAt: refreshFrom } : { step: 'refresh', wakeAt: due };
}

function evaluate(occurrence: Occurrence, due: number, lateEnd: number): OccurrenceStep {
  const { settings, now } = occurrence;
  const { evaluation, isStale } = evaluateOccurrence(occurrence, now);
  const isAlways = settings.mode === 'always';
  if (evaluation === undefined || (!isAlways && (isStale || evaluation.result === 'unknown')))
    return refreshAgain(occurrence, lateEnd);
  if (isAlways || evaluation.result === true)
    return { step: 'deliver', evaluation, lateMs: now - due, isStale, wakeAt: lateEnd };
  const { decision } = evaluation;
  const skipped: Delivery = {
    correction: false,
    status: 'skipped',
    reason: 'no_match',
    dueAt: now,
    decision,
  };
  const next = followFirst({ ...occurrence, deliveries: [skipped] }, skipped, due, lateEnd);
  return {
    ...{ step: 'skip', correction: false, reason: 'no_match', evaluation },
    ...('wakeAt' in next && next.wakeAt !== undefined ? { wakeAt: next.wakeAt } : {}),
  };
}

/** There is no usable forecast, but there is still time. */
function refreshAgain({ refreshedAt, now }: Occurrence, lateEnd: number): OccurrenceStep {
  const next = refreshedAt === undefined ? now : refreshedAt + REFRESH_AGAIN_MS;
  return next <= now
    ? { step: 'refresh', wakeAt: Math.min(now + REFRESH_AGAIN_MS, lateEnd) }
    : { step: 'wait', wakeAt: Math.min(next, lateEnd) };
}

/** The late window is over. The reason is missing data only if this occurrence asked for data and did not get any. */
function giveUp(occurrence: Occurrence, due: number, lateEnd: number): OccurrenceStep {
  const { evaluation, isStale } = evaluateOccurrence(occurrence, lateEnd);
  const isUsable = evaluation !== undefined && !isStale && evaluation.result !== 'unknown';
  const hasAsked = (occurrence.refreshedAt ?? 0) >= due - REFRESH_BEFORE_MS;
  if (isUsable || !hasAsked) return { step: 'expire', correction: false };
  return evaluation === undefined ? { step: 'no_data' } : { step: 'no_data', evaluation };
}

/** There is a row, but no correction. */
function followFirst(occurrence: Occurrence, first: Delivery, due: number, lateEnd: number): OccurrenceStep {
  const { settings, now } = occurrence;
  if (first.status === 'due') {
    if (settings.deletedAt !== undefined) return { step: 'skip', correction: false, reason: 'cancelled' };
    return now < lateEnd ? { step: 'wait', wakeAt: lateEnd } : { step: 'expire', correction: false };
  }
  return decideCorrection(occurrence, first, due);
}

/** The correction is written. There is no second one. */
function followCorrection(occurrence: Occurrence, correction: Delivery, due: number): OccurrenceStep {
  if (correction.status !== 'due') return { step: 'closed', reason: 'done' };
  if (occurrence.settings.deletedAt !== undefined)
    return { step: 'skip', correction: true, reason: 'cancelled' };
  const end = endOfItsWindow(occurrence, correction, due);
  return end === undefined ? { step: 'expire', correction: true } : { step: 'wait', wakeAt: end };
}
