import type { ProviderPlace } from '../../../ports/forecast-provider.ts';

/** A place with coordinates. */
export type LocatedPlace = ProviderPlace & { readonly latitude: number; readonly longitude: number };

const DAILY_VARIABLES = [
  ...['weather_code', 'temperature_2m_max', 'temperature_2m_min', 'wind_speed_10m_max'],
  ...['wind_direction_10m_dominant', 'precipitation_sum', 'precipitation_probability_max'],
];

/** True if the coordinates are valid. If one place had invalid coordinates, the whole call would fail. */
export function hasValidCoordinates(place: ProviderPlace): place is LocatedPlace {
  const { latitude = Number.NaN, longitude = Number.NaN } = place;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** Returns the path `/v1/forecast?…` for today and the next three days in Beijing time, in °C, km/h and mm. */
export function requestPath(places: readonly LocatedPlace[], apiKey: string | undefined): string {
  const query = new URLSearchParams({
    latitude: places.map(({ latitude }) => latitude).join(','),
    longitude: places.map(({ longitude }) => longitude).join(','),
    daily: DAILY_VARIABLES.join(','),
    timezone: 'Asia/Shanghai',
    forecast_days: '4',
    ...(apiKey === undefined ? {} : { apikey: apiKey }),
  });
  // The commas stay unencoded, because an encoded comma has three characters.
  return `/v1/forecast?${query.toString().replaceAll('%2C', ',')}`;
}
