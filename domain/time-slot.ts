import { DateTime, Duration, IANAZone } from 'luxon';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Time slots of equal length on the clock of a time zone. The first slot of a day starts at midnight. */
export interface TimeSlots {
  readonly everyMs: number;
  readonly zone: string;
}

/**
 * Parses an ISO 8601 duration in days, hours, minutes and seconds (`PT3H`) into milliseconds. Returns undefined if
 * `text` is invalid or zero.
 */
export function parseDurationMs(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/.test(text))
    return undefined;
  const ms = Duration.fromISO(text).toMillis();
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

/**
 * Parses a slot length, which must divide 24 hours evenly, and an IANA time zone. If one or both are wrong, returns one
 * message.
 */
export function parseTimeSlots(duration: string, zone: string): TimeSlots | string {
  const everyMs = parseDurationMs(duration);
  const dividesDay = everyMs !== undefined && DAY_MS % everyMs === 0;
  const isZone = IANAZone.isValidZone(zone);
  if (dividesDay && isZone) return { everyMs, zone };
  const [shownLength, shownZone] = [JSON.stringify(duration), JSON.stringify(zone)];
  const lengthProblem = `the length of a time slot must divide 24 hours evenly, such as PT3H, but is ${shownLength}`;
  const zoneProblem = `the time zone of a time slot must be an IANA name, such as Asia/Shanghai, but is ${shownZone}`;
  return [...(dividesDay ? [] : [lengthProblem]), ...(isZone ? [] : [zoneProblem])].join('; ');
}

/** Returns the nominal time of the slot that contains an instant (epoch ms): UTC, RFC 3339 to the second. */
export function timeSlotStart(instant: number, { everyMs, zone }: TimeSlots): string {
  const at = DateTime.fromMillis(instant, { zone });
  const midnight = at.startOf('day');
  // Uses the wall clock, not elapsed time: a slot at 6 h stays at 6 h when daylight saving time starts or ends.
  const wall = ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000;
  const seconds = (wall - (wall % everyMs)) / 1_000;
  const start = midnight.set({
    hour: Math.floor(seconds / 3_600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  });
  return start.toUTC().toISO({ suppressMilliseconds: true }) ?? '';
}
