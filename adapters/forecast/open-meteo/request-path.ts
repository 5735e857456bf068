import type { ProviderPlace } from '../../../ports/forecast-provider.ts';

/** A place that Open-Meteo can be asked for. */
export type LocatedPlace = ProviderPlace & { readonly latitude: number; readonly longitude: number };

const DAILY_VARIABLES = [
  ...['weather_code', 'temperature_2m_max', 'temperature_2m_min', 'wind_speed_10m_max'],
  ...['wind_direction_10m_dominant', 'precipitation_sum', 'precipitation_probability_max'],
];

/** Whether it has coordinates, and those of a place on earth: for one that has not, all of a call are refused. */
export function hasValidCoordinates(place: ProviderPlace): place is LocatedPlace {
  const { latitude = Number.NaN, longitude = Number.NaN } = place;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** `/v1/forecast?…` for today and the three days after it, of Beijing's, in °C, km/h and mm. */
export function requestPath(places: readonly LocatedPlace[], apiKey: string | undefined): string {
  const query = new URLSearchParams({
    latitude: places.map(({ latitude }) => latitude).join(','),
    longitude: places.map(({ longitude }) => longitude).join(','),
    daily: DAILY_VARIABLES.join(','),
    timezone: 'Asia/Shanghai',
    forecast_days: '4',
    ...(apiKey === undefined ? {} : { apikey: apiKey }),
  });
  // Commas would be three characters each.
  return `/v1/forecast?${query.toString().replaceAll('%2C', ',')}`;
}
