import { createHash } from 'node:crypto';
import type { Cast, ProviderId } from './forecast.ts';

/**
 * What a provider forecasts for a day, as 16 hex digits: the first of SHA-256 over the JSON array of provider and the
 * cast's values. Not of it: when it was issued or fetched. The same weather from another provider is another forecast.
 */
export function castHash(cast: Cast, provider: ProviderId): string {
  const told = [
    ...[provider, cast.date, cast.week, cast.dayweather, cast.nightweather, cast.daytemp, cast.nighttemp],
    ...[cast.daywind, cast.nightwind, cast.daypower, cast.nightpower],
    ...[cast.precipitationProbability ?? null, cast.precipitationMm ?? null],
  ];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
}
