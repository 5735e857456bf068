/** The coordinates of places, from the maps of the package `echarts` 4. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Coordinates outside of this area are mistakes of the maps. In degrees north and east. */
const CHINA = { south: 3, north: 54, west: 73, east: 136 };
/** The maps of 2016 use old codes for these places: today's code, and the old code. */
const FORMER_CODES = new Map([
  ['310151', '310230'],
  ['500155', '500228'],
  ['500156', '500232'],
  ['540600', '542400'],
  ['650500', '652200'],
]);

/**
 * Returns a function that returns `latitude,longitude`, with 2 decimals, for an adcode. It returns undefined if the
 * maps have no coordinates for the adcode.
 */
export function createCoordinateLookup() {
  const maps = join(dirname(createRequire(import.meta.url).resolve('echarts/package.json')), 'map', 'json');
  const files = readdirSync(join(maps, 'province')).map((name) => join('province', name));
  const points = new Map();
  for (const file of ['china.json', 'china-cities.json', ...files.sort()]) {
    for (const { id, properties } of JSON.parse(readFileSync(join(maps, file), 'utf8')).features) {
      if (id === undefined || properties.cp === undefined) continue;
      const [longitude, latitude] = properties.cp;
      if (
        latitude < CHINA.south ||
        latitude > CHINA.north ||
        longitude < CHINA.west ||
        longitude > CHINA.east
      )
        throw new Error(
          `${file}: ${id} ${properties.name} has the coordinates ${latitude}, ${longitude}, outside of China`,
        );
      points.set(String(id), `${round(latitude)},${round(longitude)}`);
    }
  }
  return (adcode) => {
    // The maps' points for provinces are positions of labels. A province gets the coordinates of its capital.
    const capital = adcode.endsWith('0000') ? points.get(`${adcode.slice(0, 2)}0100`) : undefined;
    return capital ?? points.get(adcode) ?? points.get(FORMER_CODES.get(adcode) ?? '');
  };
}

function round(degrees) {
  return String(Math.round(degrees * 100) / 100);
}
