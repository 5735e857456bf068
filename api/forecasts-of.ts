import { placeOf } from '../domain/catalogue/catalogue.ts';
import type { Place } from '../domain/catalogue/place.ts';
import { beijingDay } from '../domain/weather/beijing-time.ts';
import type { StaleAfter } from '../domain/weather/staleness.ts';
import type { AskedPlace } from './asked-place.ts';
import type { Reads } from './bounded-reads.ts';
import { type Card, forecastCard } from './forecast-card.ts';
import { readForecasts } from './stored-forecast.ts';

export interface ForecastDeps extends StaleAfter {
  readonly store: Reads;
  /** Now, in epoch ms. */
  readonly clock: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * The cards of places by adcode, from today in Beijing on; one of which nothing is stored shows what is stored of the
 * place in which it lies, and where there is nothing either, it has no card.
 */
export async function forecastsOf(
  { store, staleAfterMs, issueStaleAfterMs, clock }: ForecastDeps,
  asked: readonly AskedPlace[],
  days: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Card>> {
  const nowMs = clock();
  const dates = Array.from({ length: days }, (_, index) => beijingDay(nowMs + index * DAY_MS));
  const own = await readForecasts(
    store,
    asked.map(({ place }) => place.adcode),
    dates,
    signal,
  );
  const parents = new Set(
    asked.flatMap(({ place }) => (own.has(place.adcode) || place.parent === undefined ? [] : [place.parent])),
  );
  const inherited = await readForecasts(store, [...parents], dates, signal);
  const now = { nowMs, staleAfterMs, issueStaleAfterMs };
  const cards = asked.flatMap((each) => {
    const stored = own.get(each.place.adcode);
    if (stored !== undefined) return [[each.place.adcode, forecastCard(each, stored, now)] as const];
    const from = parentOf(each.place);
    const theirs = from && inherited.get(from.adcode);
    return theirs === undefined
      ? []
      : [[each.place.adcode, forecastCard({ ...each, from }, theirs, now)] as const];
  });
  return new Map(cards);
}

const parentOf = ({ parent }: Place): Place | undefined =>
  parent === undefined ? undefined : placeOf(parent);
