import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * From a wall time to the same wall time of the next day, at least this time passes, even if clocks are put forward by two
 * hours in between.
 */
const SHORTEST_DAY_MS = 22 * 60 * MINUTE_MS;

/** A period from `from`, included, to `to`, excluded. Both in epoch ms. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The wall time at which a subscription is due, and the zone of its subscriber. */
export interface DueTime {
  /** `hh:mm`. */
  readonly at: string;
  /** An IANA name. */
  readonly tz: string;
}

/** Checks for a wall time, `00:00` to `23:59`. */
export const isWallTime = (text: string): boolean => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text);

/** Checks for a day that exists, such as `2026-11-22`. */
export function isCalendarDay(text: string): boolean {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

/** Checks for a time zone that exists, by its IANA name. */
export const isTimeZone = (text: string): boolean => IANAZone.isValidZone(text);

/** Returns the day that is `days` later, `yyyy-mm-dd`. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Returns the day at an instant (epoch ms) in a zone, `yyyy-mm-dd`. */
export const localDay = (instant: number, zone: string): string =>
  new Date(instant + offsetMs(instant, zone)).toISOString().slice(0, 10);

/**
 * The offsets in ms that were looked up, by zone and instant. A lookup takes microseconds, and all subscriptions of a place
 * need the same few.
 */
const offsets = new Map<string, Map<number, number>>();
/** There are about 600 zones, but each has many spellings. */
const MAX_ZONES = 1_000;
const MAX_OFFSETS_OF_ZONE = 1_000;

function offsetMs(instant: number, zone: string): number {
  const ofZone = offsets.get(zone) ?? new Map<number, number>();
  const known = ofZone.get(instant);
  if (known !== undefined) return known;
  const offset = IANAZone.create(zone).offset(instant) * MINUTE_MS;
  // The zone or the instant does not exist.
  if (Number.isNaN(offset)) return offset;
  if (ofZone.size >= MAX_OFFSETS_OF_ZONE) ofZone.clear();
  if (ofZone.size === 0 && offsets.size >= MAX_ZONES) offsets.clear();
  offsets.set(zone, ofZone.set(instant, offset));
  return offset;
}

/**
 * Returns the instant (epoch ms) at which the clocks of a zone show a wall time. If they skip it, returns the instant
 * of the skip. If they show it twice, returns the first instant.
 * @throws RangeError if date, time or zone do not exist
 */
export function wallTimeInstant(date: string, time: string, zone: string): number {
  const wall = Date.parse(`${date}T${time}:00Z`);
  // The offset before and after a change of the clocks on this day.
  const [before, after] = [offsetMs(wall - DAY_MS, zone), offsetMs(wall + DAY_MS, zone)];
  if (Number.isNaN(wall + before + after)) throw new RangeError(`${date} ${time} in ${zone} does not exist`);
  if (before === after) return wall - before;
  const instants = [wall - before, wall - after].filter(
    (instant) => instant + offsetMs(instant, zone) === wall,
  );
  return instants.length > 0 ? Math.min(...instants) : offsetChange(wall - after, wall - before, zone);
}

/** Returns the first instant with the later offset. The clocks of the zone change between `earlier` and `later`. */
function offsetChange(earlier: number, later: number, zone: string): number {
  const old = offsetMs(earlier, zone);
  let [low, high] = [earlier, later];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(middle, zone) === old) low = middle;
    else high = middle;
  }
  return high;
}

/** Returns the first instant (epoch ms) of a day in a zone. */
export const startOfDay = (date: string, zone: string): number => wallTimeInstant(date, '00:00', zone);

/**
 * Returns when a subscription is due for the day `date` at a place, in epoch ms. The due time is on the day before `date`,
 * by the calendar of the place. At this instant, the subscriber's clock shows `at`. If the clock shows `at` twice on that
 * day, because the clocks change, the first time counts. If the clock does not show `at` on that day, the subscription is
 * due when that day begins. So each day has exactly one due time.
 * @throws RangeError if date, time or zone do not exist
 */
export function dueInstant(date: string, { at, tz }: DueTime, placeZone: string): number {
  const from = startOfDay(addDays(date, -1), placeZone);
  const to = startOfDay(date, placeZone);
  // Looking up offsets is slow, so the usual case comes first: at the due time, the clock of the subscriber and the clock of
  // the place show the same date.
  const usual = wallTimeInstant(addDays(date, -1), at, tz);
  if (usual >= from && usual < from + SHORTEST_DAY_MS && usual < to) return usual;
  // The subscriber's zone can be up to a day ahead of the place or behind it.
  const due = [-2, -1, 0, 1]
    .map((days) => wallTimeInstant(addDays(date, days), at, tz))
    .find((instant) => instant >= from);
  return due !== undefined && due < to ? due : from;
}

/**
 * Returns when it is too late for a message, in epoch ms: `windowMs` after it was due, but at the latest when the day
 * begins at the place. From then on, "tomorrow" is another day.
 */
export const lateWindowEnd = (date: string, due: number, windowMs: number, placeZone: string): number =>
  Math.min(due + windowMs, startOfDay(date, placeZone));

const EVENING_END = '22:00';
const MORNING = { from: '06:30', to: '09:00' };

/**
 * Returns when a correction may be sent. On the subscriber's clock, this is from the due time until 22:00, and on the
 * day itself from 06:30 to 09:00. The first period ends at the latest when the day begins at the place, and the
 * second one when the day ends there. Omits empty periods.
 */
export function correctionWindows(
  date: string,
  due: number,
  { tz }: Pick<DueTime, 'tz'>,
  placeZone: string,
): readonly Period[] {
  const [begin, end] = [startOfDay(date, placeZone), startOfDay(addDays(date, 1), placeZone)];
  const evening = {
    from: due,
    to: Math.min(wallTimeInstant(localDay(due, tz), EVENING_END, tz), begin),
  };
  const morning = {
    from: Math.max(wallTimeInstant(date, MORNING.from, tz), due, evening.to),
    to: Math.min(wallTimeInstant(date, MORNING.to, tz), end),
  };
  return [evening, morning].filter(({ from, to }) => from < to);
}
