import { gzipSync } from 'node:zlib';
import { placesAll } from '../../domain/catalogue/catalogue.ts';
import type { FaultRule, SpoiltFault } from './faults.ts';
import type { StandIn } from './stand-in.ts';
import type { AmapCast } from './weather/made-up-cast.ts';
import { answer, refusal } from './weather-info.ts';

/** What is sent in place of an answer. */
export interface Spoilt {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string | Buffer;
  /** The connection ends in the middle of it. */
  readonly cut?: boolean;
}

type Spoil = (adcode: string, standIn: StandIn) => Spoilt;

const HTML = '<!DOCTYPE html><html><body><h1>请登录网络</h1></body></html>';
const HUGE_BYTES = 300 * 1_024;

const forecastsText = (
  adcode: string,
  { weather, clock }: StandIn,
  change?: (casts: AmapCast[]) => object[],
) => {
  const forecast = weather.forecast(adcode, clock());
  if (forecast === undefined) return JSON.stringify(answer('forecasts', []));
  const casts = change === undefined ? forecast.casts : change([...forecast.casts]);
  return JSON.stringify(answer('forecasts', [{ ...forecast, casts }]));
};

/** Another place's forecast, under that place's code. */
const elsewhere = (adcode: string, standIn: StandIn): string => {
  const other = placesAll().find((place) => place.adcode !== adcode);
  return forecastsText(other?.adcode ?? '', standIn);
};

/** AMap writes `[]` for what is empty. */
const emptied = (cast: AmapCast): object =>
  Object.fromEntries(Object.keys(cast).map((name) => [name, []] as const));

const spoils: Readonly<Record<SpoiltFault, Spoil>> = {
  html: () => ({ headers: { 'content-type': 'text/html' }, text: HTML }),
  'half json': (adcode, standIn) => {
    const text = forecastsText(adcode, standIn);
    return { text: text.slice(0, text.length >> 1) };
  },
  cut: (adcode, standIn) => ({ text: forecastsText(adcode, standIn), cut: true }),
  array: () => ({ text: '[]' }),
  number: () => ({ text: '42' }),
  huge: (adcode, standIn) => ({ text: forecastsText(adcode, standIn) + ' '.repeat(HUGE_BYTES) }),
  gzip: (adcode, standIn) => ({
    headers: { 'content-encoding': 'gzip' },
    text: gzipSync(forecastsText(adcode, standIn)),
  }),
  empty: () => ({ text: JSON.stringify(answer('forecasts', [])) }),
  'bad cast': (adcode, standIn) => ({
    text: forecastsText(adcode, standIn, (casts) =>
      casts.map((cast, index) => (index === 1 ? emptied(cast) : cast)),
    ),
  }),
  'wrong adcode': (adcode, standIn) => ({ text: elsewhere(adcode, standIn) }),
};

const isSpoilt = (fault: FaultRule): fault is FaultRule & { readonly do: SpoiltFault } => fault.do in spoils;

/** The answer that a fault gives to a call for a city; undefined for one that gives none. */
export function spoil(fault: FaultRule, adcode: string, standIn: StandIn): Spoilt | undefined {
  if (fault.do === 'infocode') return { text: JSON.stringify(refusal(fault.code, fault.info).body) };
  if (isSpoilt(fault)) return spoils[fault.do](adcode, standIn);
  if (fault.do !== 'http') return undefined;
  const { status, retryAfter } = fault;
  // A redirect leads to an answer that may not be taken.
  const location = status >= 300 && status < 400 ? { location: '/v3/weather/weatherInfo' } : {};
  const wait = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return { status, headers: { ...location, ...wait }, text: '' };
}
