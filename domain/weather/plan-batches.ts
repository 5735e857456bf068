/** What the planner knows of a place. */
export interface PlaceStatus {
  readonly adcode: string;
  readonly level: 'province' | 'prefecture' | 'county';
  readonly subscribed: boolean;
  /** RFC 3339, UTC; '' when it never was. */
  readonly checked: string;
  /** The provider had nothing for it several times in a row, the last time a few days ago at most. */
  readonly unsupported: boolean;
}

/** How many places a batch has at most. */
export const MAX_BATCH_PLACES = 100;
/** Batches that a slot has at least, where there are calls for so many: a run's progress is told by the batch. */
const MIN_BATCHES = 8;

/** One place of so many is of the rest where prefectures alone would take them all: each has its turn some day. */
const COUNTY_SHARE_DIVISOR = 4;

/**
 * The batches of a slot: subscribed places first, then provinces and prefectures, then the rest in turn, and last what
 * the provider never had; as many places as `places` allows, within a tier those that were checked longest ago. A batch
 * is of one tier and of neighbours by adcode, so that its rows lie together; the batches of a tier, and the places of a
 * batch, come in the order in which they were checked, so that it is not always the same who goes without a call. Of
 * places for less than eight hundred there are at least eight batches, where `placesPerCall` lets there be.
 */
export function planBatches(known: readonly PlaceStatus[], places: number, placesPerCall = 1): string[][] {
  const size = batchSize(Math.min(places, known.length), placesPerCall);
  const batches: string[][] = [];
  const tiers = tiersOf(known);
  const [subscribed, prefectures, rest] = tiers;
  const free = Math.max(0, places - subscribed.length);
  const restPlaces = Math.min(rest.length, Math.round(free / COUNTY_SHARE_DIVISOR));
  const limits = [places, Math.min(prefectures.length, free - restPlaces), places, places];
  let left = places;
  for (const [index, tier] of tiers.entries()) {
    const maxPlaces = Math.min(left, limits[index] ?? 0);
    const taken = maxPlaces >= tier.length ? tier : oldestFirst(tier).slice(0, maxPlaces);
    left -= taken.length;
    batches.push(...inBatches(taken, size));
  }
  return batches;
}

/** Whole calls, but for the last one of a tier. */
function batchSize(places: number, placesPerCall: number): number {
  const most = Math.min(MAX_BATCH_PLACES, places / MIN_BATCHES);
  return Math.max(1, Math.floor(most / placesPerCall)) * placesPerCall;
}

function inBatches(taken: readonly PlaceStatus[], size: number): string[][] {
  const neighbours = [...taken].sort(byAdcode);
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
