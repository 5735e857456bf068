import { taskQueues, workflowTypes } from './temporal-contract.ts';
import { REFRESH_HOURS, REFRESH_SCHEDULE_ID, REFRESH_TIME_ZONE } from './weather/refresh-slots.ts';

/** What happens when a run is due while the one before it goes on. */
export type Overlap = 'skip' | 'buffer one';

/** A Schedule as it is to be; its runs have the id `<id>-<nominal time>`. */
export interface ScheduleSpec {
  readonly id: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** By the clock of `timeZone`, on the hour. */
  readonly hours: { readonly start: number; readonly end: number; readonly step: number };
  readonly timeZone: string;
  /** What `temporal schedule describe` shows beside the times. */
  readonly comment: string;
  readonly overlap: Overlap;
  /** A run that was missed, since nothing ran, is made up for within so many minutes. */
  readonly catchUpMinutes: number;
}

/** All Schedules: the one source for what a start, `sluice schedules` and the tests make and compare. */
export const schedules: readonly ScheduleSpec[] = [
  {
    id: REFRESH_SCHEDULE_ID,
    workflowType: workflowTypes.refreshWeather,
    taskQueue: taskQueues.weather,
    hours: REFRESH_HOURS,
    timeZone: REFRESH_TIME_ZONE,
    comment: 'forecasts of all places, every 3 hours of Beijing',
    // A slot that is late still wants its own run: it is another's turn within the budget.
    overlap: 'buffer one',
    // Later than that the next slot is near.
    catchUpMinutes: 120,
  },
];
