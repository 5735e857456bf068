import { DateTime, Duration, IANAZone } from 'luxon';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Slots of equal length by the clock on the wall of a time zone, the first at its midnight. */
export interface TimeSlots {
  readonly everyMs: number;
  readonly zone: string;
}

/** A duration of ISO 8601 in days, hours, minutes and seconds (`PT3H`), in milliseconds; undefined when it is none above zero. */
export function parseDurationMs(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/.test(text))
    return undefined;
  const ms = Duration.fromISO(text).toMillis();
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

/** Slots of `duration` (a whole part of 24 hours) in an IANA time zone; all that is wrong, in a sentence, where they cannot be. */
export function parseTimeSlots(duration: string, zone: string): TimeSlots | string {
  const everyMs = parseDurationMs(duration);
  const isPart = everyMs !== undefined && DAY_MS % everyMs === 0;
  const isZone = IANAZone.isValidZone(zone);
  if (isPart && isZone) return { everyMs, zone };
  const length = `the slot's length is ${JSON.stringify(duration)}; allowed is a whole part of 24 hours, like PT3H`;
  const place = `the slot's time zone is ${JSON.stringify(zone)}; allowed is a name of the IANA database, like Asia/Shanghai`;
  return [...(isPart ? [] : [length]), ...(isZone ? [] : [place])].join('; ');
}

/** The nominal time of the slot that an instant (epoch ms) is in: UTC, RFC 3339 to the second. */
export function timeSlotStart(instant: number, { everyMs, zone }: TimeSlots): string {
  const at = DateTime.fromMillis(instant, { zone });
  const midnight = at.startOf('day');
  // By the clock, not by time gone: a slot at 6 h stays at 6 h on the day when the clocks change.
  const wall = ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000;
  const seconds = (wall - (wall % everyMs)) / 1_000;
  const start = midnight.set({
    hour: Math.floor(seconds / 3_600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  });
  return start.toUTC().toISO({ suppressMilliseconds: true }) ?? '';
}
