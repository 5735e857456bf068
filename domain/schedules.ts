import { PLACE_ZONE, taskQueues, workflowTypes } from './temporal-contract.ts';
import { REFRESH_HOURS, REFRESH_SCHEDULE_ID, REFRESH_TIME_ZONE } from './weather/refresh-slots.ts';

/** What happens if a run is due while the previous one is still open. */
export type Overlap = 'skip' | 'buffer one';

/** The desired state of a Schedule. Its runs have the id `<id>-<nominal time>`. */
export interface ScheduleSpec {
  readonly id: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** Full hours on the clock of `timeZone`. */
  readonly hours: { readonly start: number; readonly end: number; readonly step: number };
  readonly timeZone: string;
  /** Shown by `temporal schedule describe` next to the times. */
  readonly comment: string;
  readonly overlap: Overlap;
  /** A run that was missed, for example during an outage, is started up to this many minutes late. */
  readonly catchUpMinutes: number;
}

export const ALERTS_SCHEDULE_ID = 'alerts-daily';

/** All Schedules: the only definition, for the worker, `sluice schedules` and the tests. */
export const schedules: readonly ScheduleSpec[] = [
  {
    id: REFRESH_SCHEDULE_ID,
    workflowType: workflowTypes.refreshWeather,
    taskQueue: taskQueues.weather,
    hours: REFRESH_HOURS,
    timeZone: REFRESH_TIME_ZONE,
    comment: 'forecasts of all places, every 3 hours, Beijing time',
    // If a run is due while an earlier run is still open, it starts when the earlier run ends. It is not skipped,
    // because each refresh slot fetches other places.
    overlap: 'buffer one',
    // Refresh slots are three hours apart. If a run is more than two hours late, the next refresh slot is less than
    // an hour away.
    catchUpMinutes: 120,
  },
  {
    id: ALERTS_SCHEDULE_ID,
    workflowType: workflowTypes.planAlerts,
    taskQueue: taskQueues.alerts,
    hours: { start: 0, end: 0, step: 1 },
    timeZone: PLACE_ZONE,
    comment: 'the alerts for tomorrow, daily at midnight, Beijing time',
    // A pass also starts the days that earlier passes have missed, so one of several missed runs is enough.
    overlap: 'skip',
    catchUpMinutes: 24 * 60,
  },
];
