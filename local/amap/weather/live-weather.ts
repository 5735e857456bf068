import { instantOfDay } from '../beijing-days.ts';
import { randomOf } from './seeded-choice.ts';
import type { AmapForecast } from './simulated-weather.ts';

/** Returns the current weather as AMap's `extensions=base` does, derived from the forecast of today. */
export function liveWeather({ province, city, adcode, reporttime, casts }: AmapForecast, at: number): object {
  const [today] = casts;
  const hour = Math.floor((at - instantOfDay(0, 0)) / 3_600_000) % 24;
  const chance = randomOf('live', adcode, reporttime);
  const [high, low] = [Number(today?.daytemp), Number(today?.nighttemp)];
  // Warmest at 3 in the afternoon.
  const warmth = (1 + Math.cos((2 * Math.PI * (hour - 15)) / 24)) / 2;
  const temperature = String(Math.round(low + (high - low) * warmth));
  const humidity = String(Math.round(30 + 60 * chance()));
  return {
    ...{ province, city, adcode, weather: today?.dayweather, temperature },
    ...{ winddirection: today?.daywind, windpower: today?.daypower, humidity, reporttime },
    ...{ temperature_float: `${temperature}.0`, humidity_float: `${humidity}.0` },
  };
}
