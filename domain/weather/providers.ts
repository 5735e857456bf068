import type { CallLimits } from './call-budget.ts';
import type { ProviderId } from './forecast.ts';

/**
 * What may be called without paying. AMap: 5,000 calls a month, 3 a second
 * (https://lbs.amap.com/pages/base_service_price). Open-Meteo counts every place of a call, and allows 600 a minute and
 * 10,000 a day (https://open-meteo.com/en/terms); a call here asks for 50.
 */
export const freeTierLimits: Readonly<Record<ProviderId, CallLimits>> = {
  amap: { perSecond: 3, perMonth: 5_000 },
  'open-meteo': { perSecond: 0.2, perDay: 200 },
  'stand-in': { perSecond: 100 },
};

const ATTRIBUTIONS = new Map<string, string>([
  ['amap', '高德天气'],
  ['open-meteo', 'Weather data by Open-Meteo.com (CC BY 4.0)'],
  ['stand-in', '本地模拟天气（非真实预报）'],
] satisfies [ProviderId, string][]);

/** What is to be shown beside a stored forecast of a provider; its name for one that is not known any more. */
export const attributionOf = (provider: string): string => ATTRIBUTIONS.get(provider) ?? provider;
