/** A range of levels of the Beaufort scale, `min` and `max` included. */
export interface WindPower {
  readonly min: number;
  readonly max: number;
}

const MAX_LEVEL = 17;

/** Parses a wind power as AMap and others write it: `≤3`, `1-3`, `4`, `4-5级`. Returns undefined for other texts. */
export function parseWindPower(text: string): WindPower | undefined {
  const [, upTo, first, second] = /^([≤<]=?)?(\d{1,2})(?:-(\d{1,2}))?级?$/.exec(text.trim()) ?? [];
  if (first === undefined) return undefined;
  const max = Number(second ?? first);
  const min = upTo === undefined ? Number(first) : 0;
  return min <= max && max <= MAX_LEVEL ? { min, max } : undefined;
}

/** Where the wind comes from, in AMap's words. The last two are not directions. */
export const WIND_DIRECTIONS = [
  ...(['北', '东北', '东', '东南', '南', '西南', '西', '西北'] as const),
  ...(['无风向', '旋转不定'] as const),
] as const;
export type WindDirection = (typeof WIND_DIRECTIONS)[number];

/** Returns the nearest of the eight directions. `degrees` is clockwise from north, any finite number. 22.5 is 东北. */
export function windDirection(degrees: number): WindDirection {
  const eighth = Math.floor((((degrees % 360) + 360) % 360) / 45 + 0.5) % 8;
  return WIND_DIRECTIONS[eighth] ?? '无风向';
}

/** Parses a direction, with or without 风, also one of sixteen (`东北偏北`, `北东北`). Returns '' for other texts. */
export function parseWindDirection(text: string): WindDirection | '' {
  const plain = text.trim().replace(/风$/, '');
  const eight = WIND_DIRECTIONS.find((direction) => direction === plain);
  if (eight !== undefined) return eight;
  // A direction such as 东北偏北 is between two of the eight. The result is the diagonal one of the two: it has two
  // characters.
  const [, before, after] =
    /^(?:(东北|东南|西南|西北)偏[东南西北]|[东南西北](东北|东南|西南|西北))$/.exec(plain) ?? [];
  const diagonal = before ?? after;
  return WIND_DIRECTIONS.find((direction) => direction === diagonal) ?? '';
}

/** The start of each level from 1 to 12, in tenths of m/s (GB/T 28591). */
const LEVEL_STARTS = [3, 16, 34, 55, 80, 108, 139, 172, 208, 245, 285, 327];

/** Returns the Beaufort level, 0 to 12, of a wind speed in km/h at 10 m. */
export function beaufortLevel(kmPerHour: number): number {
  const tenths = Math.round(kmPerHour / 0.36);
  return LEVEL_STARTS.filter((begin) => tenths >= begin).length;
}
