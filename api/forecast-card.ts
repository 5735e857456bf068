import type { Place } from '../domain/catalogue/place.ts';
import { instantOf } from '../domain/time-stamp.ts';
import { beijingDay, beijingWallClock } from '../domain/weather/beijing-time.ts';
import { attributionOf } from '../domain/weather/providers.ts';
import { nameOf } from './asked-place.ts';
import { forecastDay } from './forecast-day.ts';
import type { components } from './openapi-types.ts';
import { type StoredForecast, succeededBy } from './stored-forecast.ts';

type Forecast = components['schemas']['Forecast'];

/** What makes a forecast stale. */
export interface StaleAfter {
  /** So many ms without a success. */
  readonly staleAfterMs: number;
  /** So many ms since the provider issued it, where it said when. */
  readonly issueStaleAfterMs: number;
}

/** A place's forecast as it is shown. */
export interface Card {
  readonly body: Forecast;
  /** What of it would make it another forecast. */
  readonly content: readonly unknown[];
  /** When it became what it is (epoch ms); of a stale one, and where providers have changed, that is not known. */
  readonly changedAt: number | undefined;
}

/** The card of a place with the days that are stored of it, or of `from`, in which it lies. */
export function forecastCard(
  { place, movedFrom, from }: { place: Place; movedFrom?: string | undefined; from?: Place | undefined },
  { provider, days, mixed, freshness }: StoredForecast,
  { nowMs, staleAfterMs, issueStaleAfterMs }: StaleAfter & { readonly nowMs: number },
): Card {
  const { checked = null } = freshness;
  const { succeeded = '', issued: issuedLast } = succeededBy(freshness) === provider ? freshness : {};
  const fetchedAt = latest(days.map(({ columns }) => columns.fetched));
  const now = beijingWallClock(nowMs);
  // What will have been issued later than now never was.
  const issued = latest(
    [...days.map(({ columns }) => columns.reporttime), issuedLast].filter((time = '') => time <= now),
  );
  const issuedAt = issued === null ? null : `${issued.replace(' ', 'T')}+08:00`;
  const stale =
    nowMs - (instantOf(succeeded) ?? 0) > staleAfterMs ||
    nowMs - (instantOf(issuedAt ?? '') ?? nowMs) > issueStaleAfterMs ||
    days[0]?.key.date !== beijingDay(nowMs);
  const body: Forecast = {
    ...nameOf(place),
    ...(movedFrom === undefined ? {} : { movedFrom }),
    ...{ source: provider, attribution: attributionOf(provider) },
    ...{ issuedAt, fetchedAt, checkedAt: checked, stale },
    ...(from === undefined ? {} : { inheritedFrom: { adcode: from.adcode, name: from.name } }),
    days: days.map(forecastDay),
  };
  // With each day of Beijing, another one is the first.
  const today = instantOf(`${beijingDay(nowMs)}T00:00:00+08:00`) ?? 0;
  return {
    body,
    content: [
      ...[place.adcode, place.name, movedFrom, from?.adcode, provider, stale],
      ...days.map(({ key, columns }) => [key.date, columns.hash, String(columns.revision)]),
    ],
    changedAt: stale || mixed ? undefined : Math.max(today, instantOf(fetchedAt ?? '') ?? 0),
  };
}

/** The greatest of texts that sort as the times that they name; null where there is none. */
const latest = (times: readonly (string | undefined)[]): string | null =>
  times.reduce<string | null>((last, time) => (time && time > (last ?? '') ? time : last), null);
