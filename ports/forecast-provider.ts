import type { PlaceForecast, ProviderId } from '../domain/weather/forecast.ts';
import type { ProviderFailure } from '../domain/weather/provider-failure.ts';

/** A place in the form that providers need. */
export interface ProviderPlace {
  readonly adcode: string;
  /** The name, for providers that do not return one. */
  readonly name: string;
  /** Degrees of latitude; absent if the catalogue has no coordinates. */
  readonly latitude?: number;
  /** Degrees of longitude; absent if the catalogue has no coordinates. */
  readonly longitude?: number;
}

/** The result for one place of a successful call. */
export type PlaceResult =
  | { readonly adcode: string; readonly outcome: 'forecast'; readonly forecast: PlaceForecast }
  /** The provider has no forecast for this place. This is not an error. */
  | { readonly adcode: string; readonly outcome: 'empty' }
  | { readonly adcode: string; readonly outcome: 'failed'; readonly failure: ProviderFailure };

/** A provider of daily forecasts. */
export interface ForecastProvider {
  readonly id: ProviderId;
  /** The maximum number of places in one call. */
  readonly placesPerCall: number;
  /** `adcode`: every place of the catalogue can be requested. `coordinates`: only places with coordinates. */
  readonly keyedBy: 'adcode' | 'coordinates';
  /** Must be shown with the provider's forecasts. */
  readonly attribution: string;
  /**
   * Makes exactly one call and returns a result for each place, in the same order. The call has its own timeout. If
   * `signal` aborts, the call ends at once with the signal's reason. Throws ProviderError if the whole call fails.
   */
  fetchForecasts(places: readonly ProviderPlace[], signal?: AbortSignal): Promise<PlaceResult[]>;
}
