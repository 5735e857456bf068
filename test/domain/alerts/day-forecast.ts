import type { DayForecast } from '../../../domain/weather/forecast.ts';

/** A cool, dry and calm day. */
export const dayForecast = (date: string, changes: Partial<DayForecast> = {}): DayForecast => ({
  ...{ date, week: '2', dayweather: '晴', nightweather: '多云', daytemp: '18', nighttemp: '11' },
  ...{ daywind: '东', nightwind: '东', daypower: '≤3', nightpower: '1-3' },
  ...changes,
});
