import type { CallLimits } from './call-budget.ts';
import type { ProviderId } from './forecast.ts';

/**
 * The limits of the free plans. AMap: 5,000 calls a month, 3 a second (https://lbs.amap.com/pages/base_service_price).
 * Open-Meteo: 600 places a minute and 10,000 a day (https://open-meteo.com/en/terms). Sluice requests up to 50 places
 * in one call to Open-Meteo.
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

/** Returns the attribution to show with a stored forecast; the provider's id if the provider is unknown. */
export const attributionOf = (provider: string): string => ATTRIBUTIONS.get(provider) ?? provider;
