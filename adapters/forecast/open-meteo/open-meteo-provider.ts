import { DateTime } from 'luxon';
import { secretRedactor } from '../../../domain/secrets.ts';
import { ProviderError } from '../../../domain/weather/provider-failure.ts';
import { attributionOf } from '../../../domain/weather/providers.ts';
import type { PlaceResult, ProviderPlace } from '../../../ports/forecast-provider.ts';
import {
  createProviderHttp,
  type ProviderWithConnections,
  parseJsonBody,
  requireJson,
  statusFailure,
  unreadableAnswer,
} from '../provider-http.ts';
import { openMeteoFailure } from './open-meteo-failure.ts';
import { readOpenMeteoPlace } from './read-open-meteo-answer.ts';
import { hasValidCoordinates, type LocatedPlace, requestPath } from './request-path.ts';

/** How Open-Meteo is called. */
export interface OpenMeteoOptions {
  /** The server to call. Default: Open-Meteo's server, or its server for paid plans if there is a key. */
  readonly endpoint?: string;
  readonly apiKey?: string;
  /** Timeout of a call, in ms. */
  readonly timeoutMs?: number;
  /** Returns the current time in epoch ms. */
  readonly clock?: () => number;
}

/** The maximum number of places in one call. With this many places, the path has about 900 characters. */
const PLACES_PER_CALL = 50;
const FREE_ENDPOINT = 'https://api.open-meteo.com';
const CUSTOMER_ENDPOINT = 'https://customer-api.open-meteo.com';

/**
 * The provider Open-Meteo. A call returns four days of up to 50 places that have coordinates. Non-commercial use needs
 * no key. A place without coordinates fails; the other places of the call are requested.
 */
export function createOpenMeteoProvider(options: OpenMeteoOptions = {}): ProviderWithConnections {
  const { apiKey, timeoutMs = 10_000, clock = Date.now } = options;
  const http = createProviderHttp(
    options.endpoint ?? (apiKey === undefined ? FREE_ENDPOINT : CUSTOMER_ENDPOINT),
    timeoutMs,
  );
  const redact = secretRedactor([apiKey]);

  const fetchLocated = async (located: readonly LocatedPlace[], signal: AbortSignal | undefined) => {
    const subject = `Open-Meteo for ${placeNamesText(located)}`;
    const answer = await http.get(requestPath(located, apiKey), subject, signal);
    const at = clock();
    const refusal = openMeteoFailure(answer.status, parseJsonBody(answer), { subject, at, redact });
    if (refusal !== undefined) {
      const failure = { ...statusFailure(answer, subject, at), ...refusal };
      // The answer does not say which place is wrong.
      if (failure.class === 'place')
        return located.map(({ adcode }): PlaceResult => ({ adcode, outcome: 'failed', failure }));
      throw new ProviderError(failure);
    }
    const json = requireJson(answer, subject, at);
    // For one place the answer is not a list.
    const list = located.length === 1 && !Array.isArray(json) ? [json] : json;
    if (!Array.isArray(list) || list.length !== located.length)
      throw unreadableAnswer(subject, `is not a list of ${located.length} forecasts`);
    const reporttime = hourInBeijing(at);
    return located.map((place, index) => readOpenMeteoPlace(list[index], place, { index, reporttime }));
  };

  return {
    ...{ id: 'open-meteo', placesPerCall: PLACES_PER_CALL, keyedBy: 'coordinates' },
    attribution: attributionOf('open-meteo'),
    async fetchForecasts(places, signal) {
      if (places.length === 0 || places.length > PLACES_PER_CALL)
        throw new RangeError(
          `Open-Meteo accepts 1 to ${PLACES_PER_CALL} places per call, got ${places.length}`,
        );
      signal?.throwIfAborted();
      const located = places.filter(hasValidCoordinates);
      const answers = located.length === 0 ? [] : await fetchLocated(located, signal);
      throwIfAllTransient(answers);
      const nextAnswers = answers.values();
      return places.map(
        (place) => (hasValidCoordinates(place) && nextAnswers.next().value) || placeWithoutCoordinates(place),
      );
    },
    close: () => http.close(),
  };
}

/** Throws the first failure if every place of a call has a transient failure. */
function throwIfAllTransient(answers: readonly PlaceResult[]): void {
  const [first] = answers;
  if (first?.outcome !== 'failed' || first.failure.class === 'place') return;
  if (answers.every((answer) => answer.outcome === 'failed' && answer.failure.class === 'transient'))
    throw new ProviderError(first.failure);
}

/**
 * Returns the report time of a forecast: the hour of the answer, because Open-Meteo does not report when its models
 * ran. The forecast is usually one to six hours older.
 */
const hourInBeijing = (at: number) =>
  DateTime.fromMillis(at, { zone: 'Asia/Shanghai' }).startOf('hour').toFormat('yyyy-MM-dd HH:mm:ss');

function placeWithoutCoordinates({ adcode, name }: ProviderPlace): PlaceResult {
  const reason = `Open-Meteo cannot be called for ${name} (${adcode}): the place has no coordinates`;
  return { adcode, outcome: 'failed', failure: { class: 'place', code: 'no-coordinates', reason } };
}

function placeNamesText(places: readonly ProviderPlace[]): string {
  const [first, ...others] = places;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first?.name} (${first?.adcode})${more}`;
}
