import { placeOf } from '../../domain/catalogue/catalogue.ts';
import type { AskedPlace } from '../../ports/forecast-provider.ts';

/** A place of the catalogue as providers are asked for it. */
export function askedPlace(adcode: string): AskedPlace {
  const place = placeOf(adcode);
  const { name = adcode, latitude, longitude } = place ?? {};
  return {
    ...{ adcode, name },
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
  };
}
