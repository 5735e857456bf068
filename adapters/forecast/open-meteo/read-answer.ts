import { placeOf } from '../../../domain/catalogue/catalogue.ts';
import { amapProvince } from '../../../domain/weather/amap-names.ts';
import type { PlaceAnswer } from '../../../ports/forecast-provider.ts';
import type { LocatedPlace } from './call.ts';
import { readOpenMeteoDays } from './read-days.ts';

/** Degrees from the place to the middle of the grid's cell that answers for it; more is another place. */
const FARTHEST = 1;
const BEIJING_OFFSET_S = 8 * 3_600;

/** Reads what is at a place's position in the list: a failure of this place, transient, where that cannot be read. */
export function readOpenMeteoPlace(
  value: unknown,
  place: LocatedPlace,
  { index, reporttime }: { readonly index: number; readonly reporttime: string },
): PlaceAnswer {
  const { adcode, name } = place;
  const refused = (failure: 'transient' | 'place', code: string, why: string): PlaceAnswer => {
    const reason = `Open-Meteo for ${name} (${adcode}): ${why}`;
    return { adcode, outcome: 'refused', failure: { class: failure, code, reason } };
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refused('transient', 'unreadable', 'the answer is no JSON object');
  const fields = value as Readonly<Record<string, unknown>>;
  if (!isOf(place, index, fields))
    return refused('place', 'other-place', 'the answer is about another place');
  if ((fields.utc_offset_seconds ?? BEIJING_OFFSET_S) !== BEIJING_OFFSET_S)
    return refused('transient', 'unreadable', 'the days of the answer are not Beijing’s');
  const casts = readOpenMeteoDays(fields.daily);
  if (casts.length === 0) return refused('transient', 'unreadable', 'the answer has no day that can be read');
  const province = amapProvince(placeOf(adcode)?.path[0] ?? '');
  const forecast = { adcode, provider: 'open-meteo' as const, province, city: name, reporttime, casts };
  return { adcode, outcome: 'forecast', forecast };
}

/** From the second on, each forecast of a list has the number of its place in the call. */
function isOf(place: LocatedPlace, index: number, { location_id, latitude, longitude }: Answered): boolean {
  return (
    (location_id ?? index) === index && isNear(place.latitude, latitude) && isNear(place.longitude, longitude)
  );
}

type Answered = Readonly<Record<string, unknown>>;

const isNear = (asked: number, answered: unknown) =>
  typeof answered !== 'number' || Math.abs(asked - answered) <= FARTHEST;
