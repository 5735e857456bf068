import type { ProviderId } from './forecast.ts';

const ATTRIBUTIONS = new Map<string, string>([
  ['amap', '高德天气'],
  ['open-meteo', 'Weather data by Open-Meteo.com (CC BY 4.0)'],
  ['stand-in', '本地模拟天气（非真实预报）'],
] satisfies [ProviderId, string][]);

/** What is to be shown beside a stored forecast of a provider; its name for one that is not known any more. */
export const attributionOf = (provider: string): string => ATTRIBUTIONS.get(provider) ?? provider;
