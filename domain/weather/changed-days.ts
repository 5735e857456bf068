import { createHash } from 'node:crypto';
import type { DayForecast, PlaceForecast, ProviderId } from './forecast.ts';

/** A day forecast as stored. */
export interface StoredDay {
  readonly hash: string;
  readonly revision: bigint;
  readonly reporttime: string;
  readonly provider: string;
}

/** The time of the comparison, in Beijing. */
export interface ComparisonTime {
  /** Days before this one (`yyyy-mm-dd`) are ignored, because they are over. */
  readonly today: string;
  /** The current time, `yyyy-mm-dd hh:mm:ss`. */
  readonly now: string;
}

/** A day forecast that must be written. */
export interface ChangedDay {
  readonly forecast: PlaceForecast;
  readonly dayForecast: DayForecast;
  readonly hash: string;
  readonly revision: bigint;
  /**
   * The row as it was read. The write must fail if the row has changed. Undefined: the write must fail if a row
   * exists.
   */
  readonly storedDay: StoredDay | undefined;
}

/**
 * Returns the days of a forecast that differ from the stored days. Excludes days with a newer stored forecast from the
 * same provider.
 */
export function changedDays(
  forecast: PlaceForecast,
  stored: (date: string) => StoredDay | undefined,
  { today, now }: ComparisonTime,
): ChangedDay[] {
  return forecast.days.flatMap((day) => {
    if (day.date < today) return [];
    const before = stored(day.date);
    const hash = dayForecastHash(day, forecast.provider);
    // A forecast without a report time counts as newer than the stored one.
    const isOlder =
      forecast.reporttime !== '' &&
      before !== undefined &&
      // A stored report time in the future is wrong, so it is ignored.
      before.reporttime <= now &&
      before.provider === forecast.provider &&
      before.reporttime > forecast.reporttime;
    if (before?.hash === hash || isOlder) return [];
    return [
      { forecast, dayForecast: day, hash, storedDay: before, revision: (before?.revision ?? -1n) + 1n },
    ];
  });
}

/** Counts the days of a forecast that are not over. */
export const countCurrentDays = ({ days }: PlaceForecast, today: string): number =>
  days.filter(({ date }) => date >= today).length;

/**
 * Returns the hash of a day forecast, as 16 hex digits. It is the start of the SHA-256 over a JSON array, which has
 * the provider and the forecast's values. Report time and fetch time are not in the hash. If two providers have equal
 * forecasts, the hashes differ.
 */
export function dayForecastHash(day: DayForecast, provider: ProviderId): string {
  const valuesOfHashedAttributes = [
    ...[provider, day.date, day.week, day.dayweather, day.nightweather, day.daytemp, day.nighttemp],
    ...[day.daywind, day.nightwind, day.daypower, day.nightpower],
    ...[day.precipitationProbability ?? null, day.precipitationMm ?? null],
  ];
  return createHash('sha256').update(JSON.stringify(valuesOfHashedAttributes)).digest('hex').slice(0, 16);
}
