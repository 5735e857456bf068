import { Router } from 'express';
import { type FoundPlace, findPlace, nearestPlaceNames, placeNameOf, requirePlace } from './find-place.ts';
import type { ForecastCard } from './forecast-card.ts';
import type { components, operations } from './openapi-types.ts';
import { Problem } from './problem.ts';
import { type ForecastDeps, readForecastCards } from './read-forecast-cards.ts';
import { sendCacheable, weakEtag } from './send-cacheable.ts';
import { withDeadline } from './with-deadline.ts';

type OneQuery = NonNullable<operations['getForecast']['parameters']['query']>;
type ListQuery = operations['listForecasts']['parameters']['query'];

/** The HTTP routes of forecasts. */
export function forecastRoutes(deps: ForecastDeps): Router {
  const router = Router();
  router.get('/v1/cities/:adcode/forecast', async (req, res) => {
    const found = requirePlace(req.params.adcode);
    const { adcode, path } = found.place;
    // The request is already validated, and the validation has set the defaults.
    const { days = 4 } = req.query as OneQuery;
    const cards = await withDeadline(res, (signal) => readForecastCards(deps, [found], days, signal));
    const card = cards.get(adcode);
    if (card === undefined)
      throw new Problem(
        'forecast-not-available',
        `no forecast is stored for ${path.join(' ')} (${adcode}) yet`,
      );
    if (found.movedFrom !== undefined)
      res.set('Content-Location', `/v1/cities/${adcode}/forecast?days=${days}`);
    sendCacheable(res, card.body, { etag: weakEtag(card.etagValues), changedAt: card.changedAt });
  });

  router.get('/v1/forecasts', async (req, res) => {
    const { adcode: codes, days = 4 } = req.query as unknown as ListQuery;
    const { places, unknown } = findPlaces(codes);
    const missing = unknown.map((code) => ({ adcode: code, nearest: nearestPlaceNames(code) }));
    if (places.length === 0)
      throw new Problem('city-not-found', `no place has the adcode ${unknown.join(' or ')}`, { missing });
    const cards = await withDeadline(res, (signal) => readForecastCards(deps, places, days, signal));
    const foundCards = places.flatMap(({ place }) => cards.get(place.adcode) ?? []);
    const body: components['schemas']['ForecastList'] = {
      items: foundCards.map((card) => card.body),
      missing,
      unavailable: places
        .filter(({ place }) => !cards.has(place.adcode))
        .map(({ place }) => placeNameOf(place)),
    };
    const etag = weakEtag(
      foundCards.map(({ etagValues }) => etagValues),
      unknown,
      body.unavailable,
    );
    sendCacheable(res, body, { etag, changedAt: latestChange(foundCards) });
  });
  return router;
}

/** Splits codes into places, each place once, and unknown codes. */
function findPlaces(codes: readonly string[]): { places: FoundPlace[]; unknown: string[] } {
  const places = new Map<string, FoundPlace>();
  const unknown = new Set<string>();
  for (const code of codes) {
    const found = findPlace(code);
    if (found === undefined) unknown.add(code);
    else if (!places.has(found.place.adcode)) places.set(found.place.adcode, found);
  }
  return { places: [...places.values()], unknown: [...unknown] };
}

/** Returns the time of the latest change of the cards, or undefined if this time is unknown for a card. */
function latestChange(cards: readonly ForecastCard[]): number | undefined {
  const times = cards.flatMap((card) => card.changedAt ?? []);
  return times.length === 0 || times.length < cards.length ? undefined : Math.max(...times);
}
