import { AMAP_CODES, amapSignature } from '../../domain/weather/amap.ts';
import type { StandIn } from './stand-in.ts';
import { liveWeather } from './weather/live-weather.ts';

/** An answer of AMap's, and its name for the count of calls. */
export interface WeatherAnswer {
  readonly outcome: string;
  readonly body: object;
}

/** `{"status": "0", …}` as AMap refuses, with HTTP 200. */
export function refusal(
  infocode: string,
  info = AMAP_CODES.get(infocode)?.name ?? 'UNDOCUMENTED_CODE',
): WeatherAnswer {
  return { outcome: infocode, body: { status: '0', info, infocode } };
}

/** What AMap answers to `v3/weather/weatherInfo` with these parameters. */
export function weatherInfo(query: URLSearchParams, standIn: StandIn): WeatherAnswer {
  const at = standIn.clock();
  const refused = refusedKey(query, standIn) ?? standIn.quotas.take(at);
  if (refused !== undefined) return refusal(refused);
  const city = query.get('city') ?? '';
  if (city === '') return refusal('20001');
  const output = query.get('output') ?? 'JSON';
  if (output.toUpperCase() !== 'JSON')
    return refusal('20000', `INVALID_PARAMS: output=${output} is not spoken here, only JSON`);
  const extensions = query.get('extensions') ?? 'base';
  if (extensions !== 'base' && extensions !== 'all') return refusal('20000');
  const name = extensions === 'all' ? 'forecasts' : 'lives';
  // Names and codes that are no longer valid: what AMap has for those is not known.
  const forecast = standIn.weather.forecast(city, at);
  if (forecast === undefined) return { outcome: 'empty', body: answer(name, []) };
  const one = extensions === 'all' ? forecast : liveWeather(forecast, at);
  return { outcome: extensions === 'all' ? 'forecast' : 'live', body: answer(name, [one]) };
}

/** AMap's envelope. */
export const answer = (name: 'forecasts' | 'lives', list: readonly object[]): object => ({
  ...{ status: '1', count: String(list.length), info: 'OK', infocode: '10000' },
  [name]: list,
});

function refusedKey(query: URLSearchParams, { account }: StandIn): string | undefined {
  const { key, signSecret } = account;
  if (query.get('key') !== key) return '10001';
  if (signSecret === undefined) return undefined;
  const { sig, ...signed } = Object.fromEntries(query);
  return sig === amapSignature(signed, signSecret) ? undefined : '10007';
}
