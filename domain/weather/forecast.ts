/** The provider of a forecast. `stand-in`: invented weather of the local stand-in. */
export type ProviderId = 'amap' | 'open-meteo' | 'stand-in';

/**
 * One day of a forecast, in AMap's wording. All values are texts, '' if the provider gives none. Temperatures are in
 * whole degrees Celsius. Wind powers are Beaufort levels (`≤3`, `1-3`, `4`).
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
  /** In percent; absent if the provider gives none. */
  readonly precipitationProbability?: number;
  /** In millimetres; absent if the provider gives none. */
  readonly precipitationMm?: number;
}

/** One provider's forecast for one place. Forecasts of different providers are never mixed. */
export interface PlaceForecast {
  readonly adcode: string;
  readonly provider: ProviderId;
  /** In the provider's wording: `浙江`. */
  readonly province: string;
  /** The name of the requested place. */
  readonly city: string;
  /** The report time, in Beijing time, `yyyy-mm-dd hh:mm:ss`. It can change although the forecast is the same. */
  readonly reporttime: string;
  /** Sorted by date. Unreadable days are omitted. */
  readonly days: readonly DayForecast[];
}
