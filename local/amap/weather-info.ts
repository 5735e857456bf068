import { AMAP_INFOCODES, amapSignature } from '../../domain/weather/amap-protocol.ts';
import type { AmapStandIn } from './amap-stand-in.ts';
import { liveWeather } from './weather/live-weather.ts';

/** The body of an answer, and its name in the counts of the stand-in. */
export interface WeatherInfoAnswer {
  readonly outcome: string;
  readonly body: object;
}

/** Returns an error as AMap sends it, with HTTP 200: `{"status": "0", …}`. */
export function amapError(
  infocode: string,
  info = AMAP_INFOCODES.get(infocode)?.name ?? 'UNDOCUMENTED_CODE',
): WeatherInfoAnswer {
  return { outcome: infocode, body: { status: '0', info, infocode } };
}

/** Returns AMap's answer to `v3/weather/weatherInfo` with these parameters. */
export function weatherInfo(query: URLSearchParams, standIn: AmapStandIn): WeatherInfoAnswer {
  const at = standIn.clock();
  const errorCode = keyErrorCode(query, standIn) ?? standIn.quotas.admitCall(at);
  if (errorCode !== undefined) return amapError(errorCode);
  const city = query.get('city') ?? '';
  if (city === '') return amapError('20001');
  const output = query.get('output') ?? 'JSON';
  if (output.toUpperCase() !== 'JSON')
    return amapError('20000', `INVALID_PARAMS: output=${output} is not supported, only JSON`);
  const extensions = query.get('extensions') ?? 'base';
  if (extensions !== 'base' && extensions !== 'all') return amapError('20000');
  const name = extensions === 'all' ? 'forecasts' : 'lives';
  // `city` may be a name, or a code that is no longer valid. AMap does not document its answer to these.
  const forecast = standIn.weather.forecast(city, at);
  if (forecast === undefined) return { outcome: 'empty', body: amapSuccessBody(name, []) };
  const weather = extensions === 'all' ? forecast : liveWeather(forecast, at);
  return { outcome: extensions === 'all' ? 'forecast' : 'live', body: amapSuccessBody(name, [weather]) };
}

/** Wraps a list in AMap's response format. */
export const amapSuccessBody = (name: 'forecasts' | 'lives', list: readonly object[]): object => ({
  ...{ status: '1', count: String(list.length), info: 'OK', infocode: '10000' },
  [name]: list,
});

function keyErrorCode(query: URLSearchParams, { account }: AmapStandIn): string | undefined {
  const { key, signSecret } = account;
  if (query.get('key') !== key) return '10001';
  if (signSecret === undefined) return undefined;
  const { sig, ...signed } = Object.fromEntries(query);
  return sig === amapSignature(signed, signSecret) ? undefined : '10007';
}
