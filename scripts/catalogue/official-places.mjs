/** The state's list of provinces, prefectures and counties, as the package `lcn` carries it, and the rows it lacks. */
import { createRequire } from 'node:module';
import { readRows } from './read-rows.mjs';

const require = createRequire(import.meta.url);

/** Rows of the list that hold counties together but are no place: 省直辖县级行政区划, 重庆's 县. */
const HOLDER = /^(县|省直辖县级行政区划|自治区直辖县级行政区划)$/;
/** Their districts are the city's own; the list has each city once more as its own prefecture. */
const MUNICIPALITY = /^(11|12|31|50)0[12]00$/;

/** All places as `{adcode, name, at?}` in order of adcode, and the holders' codes with the province of each. */
export function officialPlaces() {
  const rows = ['provinces', 'cities', 'areas'].flatMap((name) => require(`lcn/data/${name}.json`));
  const places = new Map();
  const holders = new Map();
  for (const { code, name } of rows) {
    if (HOLDER.test(name) || MUNICIPALITY.test(code)) holders.set(code, `${code.slice(0, 2)}0000`);
    else places.set(code, { adcode: code, name });
  }
  for (const [adcode, name, at] of readRows('additional-places.txt')) {
    const known = places.get(adcode);
    if (known !== undefined && (known.name !== name || at === undefined))
      throw new Error(`additional-places.txt: ${adcode} ${name} is in the state's list, as ${known.name}`);
    places.set(adcode, { adcode, name, ...(at === undefined ? {} : { at }) });
  }
  return { places: [...places.values()].sort((a, b) => (a.adcode < b.adcode ? -1 : 1)), holders };
}
