import { Router } from 'express';
import { allPlaces } from '../domain/catalogue/catalogue.ts';
import type { Place } from '../domain/catalogue/place.ts';
import { searchPlaces } from '../domain/catalogue/search-places.ts';
import { requirePlace } from './find-place.ts';
import type { components, operations } from './openapi-types.ts';
import { sendCacheable, weakEtag } from './send-cacheable.ts';

type City = components['schemas']['City'];
type Query = NonNullable<operations['listCities']['parameters']['query']>;

/** The HTTP routes of the catalogue. The catalogue does not change while the process runs. */
export function cityRoutes(): Router {
  const router = Router();
  const version = { etag: weakEtag(allPlaces()) };
  router.get('/v1/cities', (req, res) => {
    // The request is already validated, and the validation has set the defaults.
    const { q = '', level, parent, limit = 20, cursor } = req.query as Query;
    const { places, next = null, total } = searchPlaces({ q, level, parent, limit, after: cursor });
    const body: components['schemas']['CityPage'] = {
      items: places.map((place) => cityOf(place)),
      ...{ total, next },
    };
    sendCacheable(res, body, version);
  });
  router.get('/v1/cities/:adcode', (req, res) => {
    const { place, movedFrom } = requirePlace(req.params.adcode);
    if (movedFrom !== undefined) res.set('Content-Location', `/v1/cities/${place.adcode}`);
    sendCacheable(res, cityOf(place, movedFrom), version);
  });
  return router;
}

function cityOf(place: Place, movedFrom?: string): City {
  const { adcode, name, path, level, parent = null, pinyin, initials, timeZone } = place;
  const { latitude = null, longitude = null } = place;
  return {
    ...{ adcode, name, path, level, parent, pinyin, initials, timeZone, latitude, longitude },
    ...(movedFrom === undefined ? {} : { movedFrom }),
  };
}
