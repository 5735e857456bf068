/** The data about a place that the planner needs. */
export interface PlaceStatus {
  readonly adcode: string;
  readonly level: 'province' | 'prefecture' | 'county';
  readonly subscribed: boolean;
  /** RFC 3339, UTC; '' if the place was never checked. */
  readonly checked: string;
  /**
   * The provider had no forecast for the place in several consecutive runs. The last of these runs was in the last
   * seven days.
   */
  readonly unsupported: boolean;
}

/** The maximum number of places in a batch. */
export const MAX_BATCH_PLACES = 100;
/**
 * The minimum number of batches of a refresh slot, if there are enough calls. More batches give more progress
 * reports.
 */
const MIN_BATCHES = 8;

/**
 * At least about a quarter of the planned places without a subscription are counties. This also holds if the
 * prefectures alone would use the whole budget. So each county gets its turn.
 */
const COUNTY_SHARE_DIVISOR = 4;

/**
 * Plans the batches of a refresh slot, with at most `places` places in total. Order of the tiers: subscribed places,
 * provinces and prefectures, counties, then places that the provider does not support. Within a tier, the places that
 * were checked longest ago come first.
 *
 * A batch has places of one tier that are neighbours by adcode, so that its rows are close together. The batches of a
 * tier, and the places of a batch, are ordered by the time of the last check. So if there are too few calls, the
 * skipped places are not always the same. Fewer than 800 places are still split into at least 8 batches, unless a batch
 * would then have fewer places than one call.
 */
export function planBatches(known: readonly PlaceStatus[], places: number, placesPerCall = 1): string[][] {
  const size = batchSize(Math.min(places, known.length), placesPerCall);
  const batches: string[][] = [];
  const tiers = tiersOf(known);
  const [subscribed, prefectures, counties] = tiers;
  const free = Math.max(0, places - subscribed.length);
  const countyPlaces = Math.min(counties.length, Math.round(free / COUNTY_SHARE_DIVISOR));
  const limits = [places, Math.min(prefectures.length, free - countyPlaces), places, places];
  let left = places;
  for (const [index, tier] of tiers.entries()) {
    const maxPlaces = Math.min(left, limits[index] ?? 0);
    const chosen = maxPlaces >= tier.length ? tier : oldestFirst(tier).slice(0, maxPlaces);
    left -= chosen.length;
    batches.push(...inBatches(chosen, size));
  }
  return batches;
}

/** Batches hold whole calls, except the last batch of a tier. */
function batchSize(places: number, placesPerCall: number): number {
  const maxPlaces = Math.min(MAX_BATCH_PLACES, places / MIN_BATCHES);
  return Math.max(1, Math.floor(maxPlaces / placesPerCall)) * placesPerCall;
}

function inBatches(chosen: readonly PlaceStatus[], size: number): string[][] {
  const neighbours = [...chosen].sort(byAdcode);
  const batches: PlaceStatus[][] = [];
  for (let from = 0; from < neighbours.length; from += size)
    batches.push(oldestFirst(neighbours.slice(from, from + size)));
  return batches
    .sort(([one], [other]) => (one === undefined || other === undefined ? 0 : byChecked(one, other)))
    .map((batch) => batch.map(({ adcode }) => adcode));
}

type Tiers = [PlaceStatus[], PlaceStatus[], PlaceStatus[], PlaceStatus[]];

function tiersOf(known: readonly PlaceStatus[]): Tiers {
  const tiers: Tiers = [[], [], [], []];
  for (const place of known) tiers[tierOf(place)].push(place);
  return tiers;
}

function tierOf({ subscribed, level, unsupported }: PlaceStatus): 0 | 1 | 2 | 3 {
  if (unsupported) return 3;
  if (subscribed) return 0;
  return level === 'county' ? 2 : 1;
}

const byAdcode = (one: PlaceStatus, other: PlaceStatus): number => Number(one.adcode) - Number(other.adcode);

const byChecked = (one: PlaceStatus, other: PlaceStatus): number =>
  one.checked === other.checked ? byAdcode(one, other) : one.checked < other.checked ? -1 : 1;

const oldestFirst = (tier: readonly PlaceStatus[]): PlaceStatus[] => [...tier].sort(byChecked);
