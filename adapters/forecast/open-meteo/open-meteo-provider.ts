import { DateTime } from 'luxon';
import { secretRedactor } from '../../../domain/secrets.ts';
import { ProviderError } from '../../../domain/weather/provider-failure.ts';
import { attributionOf } from '../../../domain/weather/providers.ts';
import type { PlaceResult, ProviderPlace } from '../../../ports/forecast-provider.ts';
import {
  type ClosableProvider,
  createProviderHttp,
  parseJsonBody,
  requireJson,
  statusFailure,
  unreadableAnswer,
} from '../provider-http.ts';
import { openMeteoFailure } from './open-meteo-failure.ts';
import { readOpenMeteoPlace } from './read-open-meteo-answer.ts';
import { hasValidCoordinates, type LocatedPlace, requestPath } from './request-path.ts';

/** Who is asked, and as whom. */
export interface OpenMeteoOptions {
  /** Of a server of one's own; else Open-Meteo's, for customers where there is a key. */
  readonly endpoint?: string;
  readonly apiKey?: string;
  /** For the whole call. */
  readonly deadlineMs?: number;
  /** Now, in epoch ms. */
  readonly clock?: () => number;
}

/** Open-Meteo counts each place as a call; this many make a path of some 900 characters. */
const PLACES_PER_CALL = 50;
const FREE_ENDPOINT = 'https://api.open-meteo.com';
const CUSTOMER_ENDPOINT = 'https://customer-api.open-meteo.com';

/**
 * Open-Meteo's four days for places with coordinates, many a call, without a key where the use is not commercial. Of a
 * place without coordinates it says so, and asks for the others.
 */
export function createOpenMeteoProvider(options: OpenMeteoOptions = {}): ClosableProvider {
  const { apiKey, deadlineMs = 10_000, clock = Date.now } = options;
  const calls = createProviderHttp(
    options.endpoint ?? (apiKey === undefined ? FREE_ENDPOINT : CUSTOMER_ENDPOINT),
    deadlineMs,
  );
  const clean = secretRedactor([apiKey]);

  const askFor = async (located: readonly LocatedPlace[], signal: AbortSignal | undefined) => {
    const subject = `Open-Meteo for ${placeNamesText(located)}`;
    const answer = await calls.get(requestPath(located, apiKey), subject, signal);
    const at = clock();
    const refusal = openMeteoFailure(answer.status, parseJsonBody(answer), { subject, at, clean });
    if (refusal !== undefined) {
      const failure = { ...statusFailure(answer, subject, at), ...refusal };
      // Which of the places it is about is not told.
      if (failure.class === 'place')
        return located.map(({ adcode }): PlaceResult => ({ adcode, outcome: 'refused', failure }));
      throw new ProviderError(failure);
    }
    const json = requireJson(answer, subject, at);
    // For one place there is no list around it.
    const list = located.length === 1 && !Array.isArray(json) ? [json] : json;
    if (!Array.isArray(list) || list.length !== located.length)
      throw unreadableAnswer(subject, `is no list of ${located.length} forecasts`);
    const reporttime = hourInBeijing(at);
    return located.map((place, index) => readOpenMeteoPlace(list[index], place, { index, reporttime }));
  };

  return {
    ...{ id: 'open-meteo', placesPerCall: PLACES_PER_CALL, keyedBy: 'coordinates' },
    attribution: attributionOf('open-meteo'),
    async fetchForecasts(places, signal) {
      if (places.length === 0 || places.length > PLACES_PER_CALL)
        throw new RangeError(`Open-Meteo is asked for 1 to ${PLACES_PER_CALL} places, not ${places.length}`);
      signal?.throwIfAborted();
      const located = places.filter(hasValidCoordinates);
      const answers = located.length === 0 ? [] : await askFor(located, signal);
      requireOneReadable(answers);
      const inTurn = answers.values();
      return places.map(
        (place) => (hasValidCoordinates(place) && inTurn.next().value) || placeWithoutCoordinates(place),
      );
    },
    close: () => calls.close(),
  };
}

/** A call none of whose places could be read gave nothing. */
function requireOneReadable(answers: readonly PlaceResult[]): void {
  const [first] = answers;
  if (first?.outcome !== 'refused' || first.failure.class === 'place') return;
  if (answers.every((each) => each.outcome === 'refused' && each.failure.class === 'transient'))
    throw new ProviderError(first.failure);
}

/**
 * Open-Meteo does not tell when its models ran. The hour of the answer is said in place of it: the forecast is at least
 * as old, and usually one to six hours older.
 */
const hourInBeijing = (at: number) =>
  DateTime.fromMillis(at, { zone: 'Asia/Shanghai' }).startOf('hour').toFormat('yyyy-MM-dd HH:mm:ss');

function placeWithoutCoordinates({ adcode, name }: ProviderPlace): PlaceResult {
  const reason = `Open-Meteo cannot be asked for ${name} (${adcode}): it has no coordinates`;
  return { adcode, outcome: 'refused', failure: { class: 'place', code: 'no-coordinates', reason } };
}

function placeNamesText(places: readonly ProviderPlace[]): string {
  const [first, ...others] = places;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first?.name} (${first?.adcode})${more}`;
}
