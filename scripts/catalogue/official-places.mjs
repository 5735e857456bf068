/** The official list of provinces, prefectures and counties, from the package `lcn`, with additional rows. */
import { createRequire } from 'node:module';
import { readRows } from './read-rows.mjs';

const require = createRequire(import.meta.url);

/** Rows that group counties but are not places: 省直辖县级行政区划, 重庆's 县. */
const GROUP_ROW = /^(县|省直辖县级行政区划|自治区直辖县级行政区划)$/;
/**
 * The list also has a prefecture row for each municipality. In Sluice, districts belong directly to the municipality,
 * so this row is omitted.
 */
const MUNICIPALITY_PREFECTURE_ROW = /^(11|12|31|50)0[12]00$/;

/**
 * All places as `{adcode, name, point?}` (`point` has the coordinates), sorted by adcode, and the codes of group rows
 * with their province.
 */
export function officialPlaces() {
  const rows = ['provinces', 'cities', 'areas'].flatMap((name) => require(`lcn/data/${name}.json`));
  const places = new Map();
  const groupRows = new Map();
  for (const { code, name } of rows) {
    if (GROUP_ROW.test(name) || MUNICIPALITY_PREFECTURE_ROW.test(code))
      groupRows.set(code, `${code.slice(0, 2)}0000`);
    else places.set(code, { adcode: code, name });
  }
  for (const [adcode, name, point] of readRows('additional-places.txt')) {
    const known = places.get(adcode);
    if (known !== undefined && (known.name !== name || point === undefined))
      throw new Error(
        `additional-places.txt: ${adcode} ${name} is already in the official list, as ${known.name}`,
      );
    places.set(adcode, { adcode, name, ...(point === undefined ? {} : { point }) });
  }
  return { places: [...places.values()].sort((a, b) => (a.adcode < b.adcode ? -1 : 1)), groupRows };
}
