/** Whose forecast it is. `stand-in`: weather that the local cloud makes up. */
export type ProviderId = 'amap' | 'open-meteo' | 'stand-in';

/**
 * One day of a forecast, worded as AMap does: all values are text, '' where the provider says nothing. Temperatures in
 * whole degrees Celsius, wind powers as levels of the Beaufort scale (`≤3`, `1-3`, `4`).
 */
export interface DayForecast {
  /** The day at the place, `yyyy-mm-dd`. */
  readonly date: string;
  /** `1` is Monday, `7` Sunday. */
  readonly week: string;
  readonly dayweather: string;
  readonly nightweather: string;
  readonly daytemp: string;
  readonly nighttemp: string;
  readonly daywind: string;
  readonly nightwind: string;
  readonly daypower: string;
  readonly nightpower: string;
  /** In percent; only of providers that tell it. */
  readonly precipitationProbability?: number;
  /** In millimetres; only of providers that tell it. */
  readonly precipitationMm?: number;
}

/** What one provider says of one place; never put together from two. */
export interface PlaceForecast {
  readonly adcode: string;
  readonly provider: ProviderId;
  /** As the provider words it: `浙江`. */
  readonly province: string;
  /** The name of the place that was asked for. */
  readonly city: string;
  /** When the provider issued it, in Beijing's time, `yyyy-mm-dd hh:mm:ss`; it moves without the forecast changing. */
  readonly reporttime: string;
  /** In order of their dates; a day that could not be read is left out. */
  readonly days: readonly DayForecast[];
}
