import { classify } from '../domain/weather/phenomena.ts';
import { parseWindDirection, parseWindPower } from '../domain/weather/wind.ts';
import type { components } from './openapi-types.ts';
import type { WeatherRow } from './stored-forecast.ts';

type Day = components['schemas']['Day'];
type HalfDay = components['schemas']['HalfDay'];

/** A stored day as the api shows it: numbers as numbers, the provider's texts beside what they mean. */
export function forecastDay({ key, columns }: WeatherRow): Day {
  const { date } = key;
  const { precipitationprobability: probability, precipitationmm: millimetres } = columns;
  const isTold = probability !== undefined || millimetres !== undefined;
  return {
    date,
    weekday: new Date(`${date}T00:00:00Z`).getUTCDay() || 7,
    day: halfDay(columns.dayweather, columns.daywind, columns.daypower),
    night: halfDay(columns.nightweather, columns.nightwind, columns.nightpower),
    highC: numberIn(columns.daytemp),
    lowC: numberIn(columns.nighttemp),
    ...(isTold
      ? { precipitation: { probability: probability ?? null, millimetres: millimetres ?? null } }
      : {}),
    revision: Number(columns.revision ?? 0n),
  };
}

function halfDay(text = '', wind = '', power = ''): HalfDay {
  if (text === '' && wind === '' && power === '') return null;
  const { categories, severity } = classify(text);
  return { text, categories, severity, wind: windOf(wind, power) };
}

function windOf(wind: string, power: string): NonNullable<HalfDay>['wind'] {
  if (wind === '' && power === '') return null;
  const { min = null, max = null } = parseWindPower(power) ?? {};
  const text = [wind, power].filter((part) => part !== '').join(' ');
  return { text, direction: parseWindDirection(wind) || null, min, max };
}

const numberIn = (text = ''): number | null => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null);
