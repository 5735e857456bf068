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

/** The routes of forecasts. */
export function forecastRoutes(deps: ForecastDeps): Router {
  const router = Router();
  router.get('/v1/cities/:adcode/forecast', async (req, res) => {
    const codes = requirePlace(req.params.adcode);
    const { adcode, path } = codes.place;
    // The request was validated against the description, which also set the defaults.
    const { days = 4 } = req.query as OneQuery;
    const cards = await withDeadline(res, (signal) => readForecastCards(deps, [codes], days, signal));
    const card = cards.get(adcode);
    if (card === undefined)
      throw new Problem(
        'forecast-not-available',
        `no forecast is stored for ${path.join(' ')} (${adcode}) yet`,
      );
    if (codes.movedFrom !== undefined)
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
    const shown = places.flatMap(({ place }) => cards.get(place.adcode) ?? []);
    const body: components['schemas']['ForecastList'] = {
      items: shown.map((card) => card.body),
      missing,
      unavailable: places
        .filter(({ place }) => !cards.has(place.adcode))
        .map(({ place }) => placeNameOf(place)),
    };
    const etag = weakEtag(
      shown.map(({ etagValues }) => etagValues),
      unknown,
      body.unavailable,
    );
    sendCacheable(res, body, { etag, changedAt: latestChange(shown) });
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

/** When the latest of the cards changed; undefined if this is unknown for one of them. */
function latestChange(cards: readonly ForecastCard[]): number | undefined {
  const times = cards.flatMap((card) => card.changedAt ?? []);
  return times.length === 0 || times.length < cards.length ? undefined : Math.max(...times);
}
