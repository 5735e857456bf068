import { gzipSync } from 'node:zlib';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import type { AmapStandIn } from './amap-stand-in.ts';
import type { FaultRule, ResponseFault } from './faults.ts';
import type { AmapDayForecast } from './weather/simulated-day-forecast.ts';
import { amapError, amapSuccessBody } from './weather-info.ts';

/** What a fault sends instead of the normal answer. */
export interface FaultyResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string | Buffer;
  /** If true, the connection ends in the middle of the body. */
  readonly cut?: boolean;
}

type CreateFaultyResponse = (adcode: string, standIn: AmapStandIn) => FaultyResponse;

const HTML = '<!DOCTYPE html><html><body><h1>请登录网络</h1></body></html>';
const HUGE_BYTES = 300 * 1_024;

const forecastsText = (
  adcode: string,
  { weather, clock }: AmapStandIn,
  change?: (casts: AmapDayForecast[]) => object[],
) => {
  const forecast = weather.forecast(adcode, clock());
  if (forecast === undefined) return JSON.stringify(amapSuccessBody('forecasts', []));
  const casts = change === undefined ? forecast.casts : change([...forecast.casts]);
  return JSON.stringify(amapSuccessBody('forecasts', [{ ...forecast, casts }]));
};

/** Returns the forecast of another place, with the code of that place. */
const otherPlaceText = (adcode: string, standIn: AmapStandIn): string => {
  const other = allPlaces().find((place) => place.adcode !== adcode);
  return forecastsText(other?.adcode ?? '', standIn);
};

/** AMap sends `[]` for an empty value. */
const withEmptyValues = (cast: AmapDayForecast): object =>
  Object.fromEntries(Object.keys(cast).map((name) => [name, []] as const));

const FAULTY_RESPONSES: Readonly<Record<ResponseFault, CreateFaultyResponse>> = {
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
  empty: () => ({ text: JSON.stringify(amapSuccessBody('forecasts', [])) }),
  'bad cast': (adcode, standIn) => ({
    text: forecastsText(adcode, standIn, (casts) =>
      casts.map((cast, index) => (index === 1 ? withEmptyValues(cast) : cast)),
    ),
  }),
  'wrong adcode': (adcode, standIn) => ({ text: otherPlaceText(adcode, standIn) }),
};

const isResponseFault = (fault: FaultRule): fault is FaultRule & { readonly do: ResponseFault } =>
  fault.do in FAULTY_RESPONSES;

/** Returns the answer that a fault sends to a call for a city, or undefined if the fault sends no answer. */
export function faultyResponse(
  fault: FaultRule,
  adcode: string,
  standIn: AmapStandIn,
): FaultyResponse | undefined {
  if (fault.do === 'infocode') return { text: JSON.stringify(amapError(fault.code, fault.info).body) };
  if (isResponseFault(fault)) return FAULTY_RESPONSES[fault.do](adcode, standIn);
  if (fault.do !== 'http') return undefined;
  const { status, retryAfter } = fault;
  // The redirect leads to a normal answer, so that tests notice clients that follow it.
  const location = status >= 300 && status < 400 ? { location: '/v3/weather/weatherInfo' } : {};
  const wait = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return { status, headers: { ...location, ...wait }, text: '' };
}
