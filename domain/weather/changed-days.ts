import { createHash } from 'node:crypto';
import type { DayForecast, PlaceForecast, ProviderId } from './forecast.ts';

/** What is stored of a day. */
export interface StoredDay {
  readonly hash: string;
  readonly revision: bigint;
  readonly reporttime: string;
  readonly provider: string;
}

/** When days are compared, in Beijing. */
export interface ComparisonTime {
  /** Days before it (`yyyy-mm-dd`) are left alone: nobody asks for them. */
  readonly today: string;
  /** The wall clock, `yyyy-mm-dd hh:mm:ss`. */
  readonly now: string;
}

/** A day that is to be written. */
export interface ChangedDay {
  readonly forecast: PlaceForecast;
  readonly dayForecast: DayForecast;
  readonly hash: string;
  readonly revision: bigint;
  /** What must still be stored for the write to happen; undefined: no row. */
  readonly storedDay: StoredDay | undefined;
}

/**
 * The days of a forecast that say something else than what is stored, but for those of which the same provider's newer
 * word is stored already.
 */
export function changedDays(
  forecast: PlaceForecast,
  stored: (date: string) => StoredDay | undefined,
  { today, now }: ComparisonTime,
): ChangedDay[] {
  return forecast.days.flatMap((cast) => {
    if (cast.date < today) return [];
    const before = stored(cast.date);
    const hash = dayForecastHash(cast, forecast.provider);
    // A provider that does not tell when it issued may well have something new.
    const isOlder =
      forecast.reporttime !== '' &&
      // What will have been issued later than now never was.
      before !== undefined &&
      before.reporttime <= now &&
      before.provider === forecast.provider &&
      before.reporttime > forecast.reporttime;
    if (before?.hash === hash || isOlder) return [];
    return [
      { forecast, dayForecast: cast, hash, storedDay: before, revision: (before?.revision ?? -1n) + 1n },
    ];
  });
}

/** The days of a forecast that are kept. */
export const countKeptDays = ({ days }: PlaceForecast, today: string): number =>
  days.filter(({ date }) => date >= today).length;

/**
 * What a provider forecasts for a day, as 16 hex digits: the first of SHA-256 over the JSON array of provider and the
 * cast's values. Not of it: when it was issued or fetched. The same weather from another provider is another forecast.
 */
export function dayForecastHash(cast: DayForecast, provider: ProviderId): string {
  const hashedValues = [
    ...[provider, cast.date, cast.week, cast.dayweather, cast.nightweather, cast.daytemp, cast.nighttemp],
    ...[cast.daywind, cast.nightwind, cast.daypower, cast.nightpower],
    ...[cast.precipitationProbability ?? null, cast.precipitationMm ?? null],
  ];
  return createHash('sha256').update(JSON.stringify(hashedValues)).digest('hex').slice(0, 16);
}
