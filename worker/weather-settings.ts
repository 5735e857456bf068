import * as v from 'valibot';
import type { ProviderId } from '../domain/weather/forecast.ts';
import { type Setting, secret, setting, url } from '../runtime/config.ts';

const PROVIDERS: readonly ProviderId[] = ['amap', 'open-meteo', 'stand-in'];

/** How often a provider may be called; `unlimited` where its owner pays for it. */
const calls = (variable: string): Setting<number | undefined> =>
  setting(
    variable,
    'a whole number above 0, or unlimited',
    v.pipe(
      v.string(),
      v.regex(/^([1-9]\d{0,8}|unlimited)$/),
      v.transform((text) => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text))),
    ),
  );

/** The settings of the weather job; without a provider it is not run by this worker. */
export const weatherSettings = {
  weatherProvider: setting('WEATHER_PROVIDER', PROVIDERS.join(', '), v.picklist(PROVIDERS)),
  amapKey: secret('AMAP_KEY'),
  amapSecret: secret('AMAP_SECRET'),
  amapEndpoint: url('AMAP_ENDPOINT'),
  openMeteoEndpoint: url('OPEN_METEO_ENDPOINT'),
  openMeteoKey: secret('OPEN_METEO_KEY'),
  callsPerMinute: calls('WEATHER_CALLS_PER_MINUTE'),
  callsPerDay: calls('WEATHER_CALLS_PER_DAY'),
  callsPerMonth: calls('WEATHER_CALLS_PER_MONTH'),
};
