import type { DayForecast } from '../weather/forecast.ts';
import { type ConditionEvaluation, evaluateCondition } from './evaluate-condition.ts';
import { addDays } from './local-time.ts';
import type { Occurrence } from './occurrence.ts';

/** A forecast older than this may no longer be true. */
export const MAX_FORECAST_AGE_MS = 12 * 60 * 60_000;

export interface OccurrenceEvaluation {
  /** Undefined if the forecast does not have the day. */
  readonly evaluation: ConditionEvaluation | undefined;
  /** True if the forecast is older than MAX_FORECAST_AGE_MS at the given time. */
  readonly isStale: boolean;
}

/** Evaluates the condition of an occurrence on its forecast, as at an instant (epoch ms). Finds days by their date. */
export function evaluateOccurrence(occurrence: Occurrence, at: number): OccurrenceEvaluation {
  const { date, forecast } = occurrence;
  const day = forecast?.days.find((each) => each.date === date);
  return {
    evaluation: day && evaluateDay(occurrence, day),
    isStale: forecast !== undefined && at - forecast.fetchedAt > MAX_FORECAST_AGE_MS,
  };
}

/** Evaluates the condition of an occurrence on a forecast of its day. The day before comes from the newest forecast. */
export const evaluateDay = (
  { settings, date, forecast }: Occurrence,
  day: DayForecast,
): ConditionEvaluation =>
  evaluateCondition(
    settings.condition,
    day,
    forecast?.days.find((each) => each.date === addDays(date, -1)),
  );
