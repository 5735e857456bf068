import type { Place } from '../domain/catalogue/place.ts';
import { parseTimestampMs } from '../domain/timestamp.ts';
import { beijingDay, beijingWallClock } from '../domain/weather/beijing-time.ts';
import { classifyPhenomenon } from '../domain/weather/phenomena.ts';
import { attributionOf } from '../domain/weather/providers.ts';
import { isStale, type StalenessLimits } from '../domain/weather/staleness.ts';
import { parseWindDirection, parseWindPower } from '../domain/weather/wind.ts';
import { lastProvider, type StoredForecast, type WeatherRow } from '../runtime/stored-forecast.ts';
import { placeNameOf } from './find-place.ts';
import type { components } from './openapi-types.ts';

type Forecast = components['schemas']['Forecast'];

/** A place's forecast in the form of the answer. */
export interface ForecastCard {
  readonly body: Forecast;
  /** The values that identify this version of the forecast. */
  readonly etagValues: readonly unknown[];
  /**
   * When the content last changed (epoch ms). Undefined if unknown: for a stale forecast, and after a change of
   * provider.
   */
  readonly changedAt: number | undefined;
}

/** Creates the card of a place from its stored days, or from the stored days of its parent `from`. */
export function forecastCard(
  { place, movedFrom, from }: { place: Place; movedFrom?: string | undefined; from?: Place | undefined },
  { provider, days, mixed, freshness }: StoredForecast,
  { nowMs, ...staleAfter }: StalenessLimits & { readonly nowMs: number },
): ForecastCard {
  const { checked = null } = freshness;
  const { succeeded = '', issued: issuedLast } = lastProvider(freshness) === provider ? freshness : {};
  const fetchedAt = latest(days.map(({ columns }) => columns.fetched));
  const now = beijingWallClock(nowMs);
  // Ignore report times in the future.
  const issued = latest(
    [...days.map(({ columns }) => columns.reporttime), issuedLast].filter((time = '') => time <= now),
  );
  const issuedAt = issued === null ? null : `${issued.replace(' ', 'T')}+08:00`;
  const times = { succeededMs: parseTimestampMs(succeeded), issuedMs: parseTimestampMs(issuedAt ?? '') };
  const stale = isStale({ ...times, firstDay: days[0]?.key.date }, staleAfter, nowMs);
  const body: Forecast = {
    ...placeNameOf(place),
    ...(movedFrom === undefined ? {} : { movedFrom }),
    ...{ source: provider, attribution: attributionOf(provider) },
    ...{ issuedAt, fetchedAt, checkedAt: checked, stale },
    ...(from === undefined ? {} : { inheritedFrom: { adcode: from.adcode, name: from.name } }),
    days: days.map(forecastDay),
  };
  // The list of days changes at midnight in Beijing.
  const today = parseTimestampMs(`${beijingDay(nowMs)}T00:00:00+08:00`) ?? 0;
  return {
    body,
    etagValues: [
      ...[place.adcode, place.name, movedFrom, from?.adcode, provider, stale],
      ...days.map(({ key, columns }) => [key.date, columns.hash, String(columns.revision)]),
    ],
    changedAt: stale || mixed ? undefined : Math.max(today, parseTimestampMs(fetchedAt ?? '') ?? 0),
  };
}

/**
 * Returns the latest of the times, or null if there is none. The times are texts, and the order of the texts is the
 * order of the times.
 */
const latest = (times: readonly (string | undefined)[]): string | null =>
  times.reduce<string | null>((last, time) => (time && time > (last ?? '') ? time : last), null);

type Day = components['schemas']['Day'];
type HalfDay = components['schemas']['HalfDay'];

/** A stored day in the form of the answer: numbers, and the provider's texts. */
function forecastDay({ key, columns }: WeatherRow): Day {
  const { date } = key;
  const { precipitationprobability: probability, precipitationmm: millimetres } = columns;
  const hasPrecipitation = probability !== undefined || millimetres !== undefined;
  return {
    date,
    weekday: new Date(`${date}T00:00:00Z`).getUTCDay() || 7,
    day: halfDay(columns.dayweather, columns.daywind, columns.daypower),
    night: halfDay(columns.nightweather, columns.nightwind, columns.nightpower),
    highC: parseNumber(columns.daytemp),
    lowC: parseNumber(columns.nighttemp),
    ...(hasPrecipitation
      ? { precipitation: { probability: probability ?? null, millimetres: millimetres ?? null } }
      : {}),
    revision: Number(columns.revision ?? 0n),
  };
}

function halfDay(text = '', wind = '', power = ''): HalfDay {
  if (text === '' && wind === '' && power === '') return null;
  const { categories, severity } = classifyPhenomenon(text);
  return { text, categories, severity, wind: windOf(wind, power) };
}

function windOf(wind: string, power: string): NonNullable<HalfDay>['wind'] {
  if (wind === '' && power === '') return null;
  const { min = null, max = null } = parseWindPower(power) ?? {};
  const text = [wind, power].filter((part) => part !== '').join(' ');
  return { text, direction: parseWindDirection(wind) || null, min, max };
}

const parseNumber = (text = ''): number | null => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null);
