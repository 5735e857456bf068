import type { PlaceForecast, ProviderId } from '../domain/weather/forecast.ts';
import type { ProviderFailure } from '../domain/weather/provider-failure.ts';

/** A place as providers know it. */
export interface ProviderPlace {
  readonly adcode: string;
  /** Its name, for providers that do not answer with one. */
  readonly name: string;
  /** In degrees; absent where the catalogue has none. */
  readonly latitude?: number;
  readonly longitude?: number;
}

/** What became of one place of a call that was answered. */
export type PlaceResult =
  | { readonly adcode: string; readonly outcome: 'forecast'; readonly forecast: PlaceForecast }
  /** The provider has nothing for it, which is no error. */
  | { readonly adcode: string; readonly outcome: 'empty' }
  | { readonly adcode: string; readonly outcome: 'refused'; readonly failure: ProviderFailure };

/** A source of daily forecasts. */
export interface ForecastProvider {
  readonly id: ProviderId;
  /** Places in one call, at most. */
  readonly placesPerCall: number;
  /** `adcode`: every place of the catalogue may be asked for; `coordinates`: only those that have some. */
  readonly keyedBy: 'adcode' | 'coordinates';
  /** To be shown wherever its forecasts are. */
  readonly attribution: string;
  /**
   * Makes exactly one call, which ends by a deadline of its own, and at once, with the signal's reason, when its signal
   * is aborted; answers for each place in their order. Throws ProviderError when the call as a whole gave nothing.
   */
  fetchForecasts(places: readonly ProviderPlace[], signal?: AbortSignal): Promise<PlaceResult[]>;
}
