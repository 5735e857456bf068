import { nextBeijingMidnight } from './beijing-time.ts';

/** The schedule's name, which the ids of its runs begin with. */
export const REFRESH_SCHEDULE_ID = 'weather-refresh';

/** The hours of Beijing at which a slot begins. */
export const REFRESH_HOURS = { start: 0, end: 21, step: 3 } as const;

export const REFRESH_TIME_ZONE = 'Asia/Shanghai';

const SLOT_MS = REFRESH_HOURS.step * 60 * 60 * 1_000;

/** The nominal time that a run's id ends with, `weather-refresh-2026-11-22T03:00:00Z`; undefined when there is none. */
export function refreshSlotOf(workflowId: string): string | undefined {
  const [, slot] = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(workflowId) ?? [];
  return slot !== undefined && !Number.isNaN(Date.parse(slot)) ? slot : undefined;
}

/** Slots that still come on the day of an instant (epoch ms), the one that it is in included. */
export const refreshSlotsLeftToday = (at: number): number =>
  Math.ceil((nextBeijingMidnight(at) - at) / SLOT_MS);

/** The id of a run that a person asks for at an instant (epoch ms): as the Schedule's own are. */
export const refreshWorkflowIdAt = (at: number): string =>
  `${REFRESH_SCHEDULE_ID}-${new Date(at).toISOString().slice(0, 19)}Z`;
