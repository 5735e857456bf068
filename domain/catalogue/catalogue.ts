import { LEVELS, type Level, type Place } from './place.ts';
import { type PlaceNames, type PlaceRow, parsePlaceRows } from './place-names.ts';
import { MOVED_ROWS } from './place-rows.ts';

/** A place with all its names. */
export interface CatalogueEntry {
  readonly place: Place;
  readonly names: PlaceNames;
  /** The entry of the place that contains this place. */
  readonly parent: CatalogueEntry | undefined;
}

interface Catalogue {
  readonly places: readonly Place[];
  readonly entries: ReadonlyMap<string, CatalogueEntry>;
  readonly moved: ReadonlyMap<string, string>;
}

let loadedCatalogue: Catalogue | undefined;

/** Returns the place of a valid adcode; undefined for any other text, including old adcodes. */
export function placeOf(adcode: string): Place | undefined {
  return catalogue().entries.get(adcode)?.place;
}

/**
 * Returns the valid adcode that replaces `adcode`, if `adcode` is outdated or exists only in official lists, such as
 * 330101 (市辖区 of 杭州市). Returns undefined if `adcode` is valid, or if the successor is not certain.
 */
export function successorOf(adcode: string): string | undefined {
  const { entries, moved } = catalogue();
  const successor = moved.get(adcode);
  if (successor !== undefined || !/^\d{4}01$/.test(adcode)) return successor;
  const city = entries.get(`${adcode.slice(0, 4)}00`);
  return city?.names.kind === '市' && city.place.level === 'prefecture' ? city.place.adcode : undefined;
}

/** Returns all places, in order of adcode. */
export function allPlaces(): readonly Place[] {
  return catalogue().places;
}

/** Returns all places with their names. A place comes after the places that contain it. */
export function allCatalogueEntries(): Iterable<CatalogueEntry> {
  return catalogue().entries.values();
}

function catalogue(): Catalogue {
  if (loadedCatalogue !== undefined) return loadedCatalogue;
  const entries = new Map<string, CatalogueEntry>();
  for (const row of parsePlaceRows()) entries.set(row.names.adcode, toCatalogueEntry(row, entries));
  const moved = new Map(
    MOVED_ROWS.trim()
      .split('\n')
      .map((line) => [line.slice(0, 6), line.slice(7)] as const),
  );
  loadedCatalogue = { places: [...entries.values()].map(({ place }) => place), entries, moved };
  return loadedCatalogue;
}

function toCatalogueEntry(
  { names, latitude, longitude }: PlaceRow,
  known: ReadonlyMap<string, CatalogueEntry>,
): CatalogueEntry {
  const { adcode } = names;
  const level = levelOf(adcode);
  const province = level === 'province' ? undefined : known.get(`${adcode.slice(0, 2)}0000`);
  // Districts of municipalities and counties of type 省直辖 have no prefecture.
  const parent = (level === 'county' ? known.get(`${adcode.slice(0, 4)}00`) : undefined) ?? province;
  const name = names.core + names.kind;
  const place: Place = {
    adcode,
    name,
    path: [...(parent?.place.path ?? []), name],
    level,
    parent: parent?.place.adcode,
    timeZone: ZONES[adcode.slice(0, 2)] ?? 'Asia/Shanghai',
    pinyin: names.usual,
    initials: names.usual.replaceAll(/(\S)\S*\s?/g, '$1'),
    latitude,
    longitude,
  };
  return { place, names, parent };
}

const ZONES: Readonly<Record<string, string>> = { 71: 'Asia/Taipei', 81: 'Asia/Hong_Kong', 82: 'Asia/Macau' };

function levelOf(adcode: string): Level {
  if (adcode.endsWith('0000')) return LEVELS[0];
  return adcode.endsWith('00') ? LEVELS[1] : LEVELS[2];
}
