import type { ProviderId } from '../domain/weather/forecast.ts';
import { type Setting, secret, url } from '../runtime/config.ts';

const PROVIDERS: readonly ProviderId[] = ['amap', 'open-meteo', 'stand-in'];

const provider: Setting<ProviderId | undefined> = {
  variable: 'WEATHER_PROVIDER',
  allowed: PROVIDERS.join(', '),
  parse: (text) => PROVIDERS.find((id) => id === text),
  fallback: undefined,
};

/** How often a provider may be called; `unlimited` where its owner pays for it. */
const calls = (variable: string): Setting<number | undefined> => ({
  variable,
  allowed: 'a whole number above 0, or unlimited',
  parse: (text) =>
    text === 'unlimited' ? Number.POSITIVE_INFINITY : /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined,
  fallback: undefined,
});

/** The settings of the weather job; without a provider it is not run by this worker. */
export const weatherSettings = {
  weatherProvider: provider,
  amapKey: secret('AMAP_KEY'),
  amapSecret: secret('AMAP_SECRET'),
  amapEndpoint: url('AMAP_ENDPOINT'),
  openMeteoEndpoint: url('OPEN_METEO_ENDPOINT'),
  openMeteoKey: secret('OPEN_METEO_KEY'),
  callsPerMinute: calls('WEATHER_CALLS_PER_MINUTE'),
  callsPerDay: calls('WEATHER_CALLS_PER_DAY'),
  callsPerMonth: calls('WEATHER_CALLS_PER_MONTH'),
};
