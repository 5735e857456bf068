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
export function evaluateOccurrence(
  { settings, date, forecast }: Occurrence,
  at: number,
): OccurrenceEvaluation {
  const dayOf = (wanted: string) => forecast?.days.find((day) => day.date === wanted);
  const day = dayOf(date);
  return {
    evaluation: day && evaluateCondition(settings.condition, day, dayOf(addDays(date, -1))),
    isStale: forecast !== undefined && at - forecast.fetchedAt > MAX_FORECAST_AGE_MS,
  };
}
