import { placeOf } from '../domain/catalogue/catalogue.ts';
import type { Place } from '../domain/catalogue/place.ts';
import { beijingDay } from '../domain/weather/beijing-time.ts';
import type { StalenessLimits } from '../domain/weather/staleness.ts';
import { readForecasts } from '../runtime/stored-forecast.ts';
import type { StoreReads } from './bounded-reads.ts';
import type { FoundPlace } from './find-place.ts';
import { type ForecastCard, forecastCard } from './forecast-card.ts';

export interface ForecastDeps extends StalenessLimits {
  readonly store: StoreReads;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Reads the cards of places by adcode, starting today in Beijing. If nothing is stored for a place, its card has the
 * forecast of its parent. If nothing is stored for the parent either, the place has no card.
 */
export async function readForecastCards(
  { store, staleAfterMs, issueStaleAfterMs, clock }: ForecastDeps,
  places: readonly FoundPlace[],
  days: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ForecastCard>> {
  const nowMs = clock();
  const dates = Array.from({ length: days }, (_, index) => beijingDay(nowMs + index * DAY_MS));
  const ownForecasts = await readForecasts(
    store,
    places.map(({ place }) => place.adcode),
    dates,
    signal,
  );
  const parents = new Set(
    places.flatMap(({ place }) =>
      ownForecasts.has(place.adcode) || place.parent === undefined ? [] : [place.parent],
    ),
  );
  const inherited = await readForecasts(store, [...parents], dates, signal);
  const timeAndLimits = { nowMs, staleAfterMs, issueStaleAfterMs };
  const cards = places.flatMap((foundPlace) => {
    const stored = ownForecasts.get(foundPlace.place.adcode);
    if (stored !== undefined)
      return [[foundPlace.place.adcode, forecastCard(foundPlace, stored, timeAndLimits)] as const];
    const from = parentOf(foundPlace.place);
    const parentForecast = from && inherited.get(from.adcode);
    return parentForecast === undefined
      ? []
      : [
          [
            foundPlace.place.adcode,
            forecastCard({ ...foundPlace, from }, parentForecast, timeAndLimits),
          ] as const,
        ];
  });
  return new Map(cards);
}

const parentOf = ({ parent }: Place): Place | undefined =>
  parent === undefined ? undefined : placeOf(parent);
