import { placeOf } from '../../catalogue/catalogue.ts';
import type { DayForecast } from '../../weather/forecast.ts';

/** Sluice replaces another service. Returns the text that this service sent about a place and a day. */
export const originalText = (adcode: string, { date, dayweather }: DayForecast): string =>
  `城市: ${placeOf(adcode)?.name ?? adcode} >> 日期：${date} >> 有: ${dayweather}, 出门请注意带伞`;
