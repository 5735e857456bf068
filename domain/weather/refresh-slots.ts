import { nextBeijingMidnight } from './beijing-time.ts';

/** The id of the Schedule. The ids of its runs start with it. */
export const REFRESH_SCHEDULE_ID = 'weather-refresh';

/** The hours in Beijing at which refresh slots start. */
export const REFRESH_HOURS = { start: 0, end: 21, step: 3 } as const;

export const REFRESH_TIME_ZONE = 'Asia/Shanghai';

const SLOT_MS = REFRESH_HOURS.step * 60 * 60 * 1_000;

/**
 * Returns the nominal time at the end of a run's id, `weather-refresh-2026-11-22T03:00:00Z`; undefined if the id has no
 * such time.
 */
export function refreshSlotOf(workflowId: string): string | undefined {
  const [, slot] = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(workflowId) ?? [];
  return slot !== undefined && !Number.isNaN(Date.parse(slot)) ? slot : undefined;
}

/** Returns how many refresh slots are left on the day of an instant (epoch ms), including the current one. */
export const refreshSlotsLeftToday = (at: number): number =>
  Math.ceil((nextBeijingMidnight(at) - at) / SLOT_MS);

/** Returns the id for a run that a person starts at an instant (epoch ms), in the format of the Schedule. */
export const refreshWorkflowIdAt = (at: number): string =>
  `${REFRESH_SCHEDULE_ID}-${new Date(at).toISOString().slice(0, 19)}Z`;
