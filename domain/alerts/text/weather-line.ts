import type { DayForecast } from '../../weather/forecast.ts';
import { type Category, classifyPhenomenon, type Severity } from '../../weather/phenomena.ts';
import type { Locale } from './alert-message.ts';
import { directionInEnglish, phenomenonInEnglish } from './english-weather.ts';

/** Describes the weather of a day and its night: `小雨转多云`, `light rain, later cloudy`. '' if there is no text. */
export function weatherText({ dayweather, nightweather }: DayForecast, locale: Locale): string {
  const texts = [...new Set([dayweather.trim(), nightweather.trim()])].filter((text) => text !== '');
  return locale === 'zh' ? texts.join('转') : texts.map(phenomenonInEnglish).join(', later ');
}

/** Describes high and low: `18/11℃`. '' if there is neither. */
export function temperatureText({ daytemp, nighttemp }: DayForecast, locale: Locale): string {
  const degrees = [daytemp.trim(), nighttemp.trim()].filter((text) => text !== '').join('/');
  if (degrees === '') return '';
  return locale === 'zh' ? `${degrees}℃` : `${degrees} °C`;
}

/** Describes the wind of the day, or else of the night: `东风≤3级`. '' if there is none. */
export function windText(day: DayForecast, locale: Locale): string {
  const isDay = day.daywind.trim() !== '' || day.daypower.trim() !== '';
  const direction = (isDay ? day.daywind : day.nightwind).trim();
  const power = (isDay ? day.daypower : day.nightpower).trim().replace(/级$/, '');
  if (locale === 'zh') {
    const from = /^.{1,2}$/u.test(direction) ? `${direction}风` : direction;
    return `${from}${power === '' ? '' : `${power}级`}`;
  }
  const from = direction === '' ? '' : `${directionInEnglish(direction)} wind`;
  return [from, power === '' ? '' : `force ${power}`].filter((part) => part !== '').join(', ');
}

type Advice = Readonly<Record<Locale, string>>;

/** What to do about the weather, the most important first. A row is for weather with at least the severity `from`. */
const ADVICE: readonly (readonly [category: Category, from: Severity, advice: Advice])[] = [
  ['freezing', 1, { zh: '谨防道路结冰', en: 'beware of ice' }],
  ['rain', 4, { zh: '注意积水', en: 'beware of flooding' }],
  ['hail', 1, { zh: '谨防冰雹', en: 'beware of hail' }],
  ['wind', 3, { zh: '注意大风', en: 'beware of strong wind' }],
  ['snow', 1, { zh: '注意路滑', en: 'beware of slippery roads' }],
  ['rain', 1, { zh: '带伞', en: 'take an umbrella' }],
  ['dust', 2, { zh: '戴口罩', en: 'wear a mask' }],
  ['haze', 2, { zh: '戴口罩', en: 'wear a mask' }],
  ['fog', 2, { zh: '谨慎驾驶', en: 'drive carefully' }],
  ['heat', 1, { zh: '注意防暑', en: 'avoid the heat' }],
  ['cold', 1, { zh: '注意保暖', en: 'dress warmly' }],
];

/** Returns the most important advice for a day; '' if there is none. */
export function adviceText({ dayweather, nightweather }: DayForecast, locale: Locale): string {
  const found = [dayweather, nightweather].map(classifyPhenomenon);
  const row = ADVICE.find(([category, from]) =>
    found.some(({ categories, severity }) => categories.includes(category) && severity >= from),
  );
  return row?.[2][locale] ?? '';
}
