import { secretRedactor } from '../../../domain/secrets.ts';
import { amapSignature } from '../../../domain/weather/amap-protocol.ts';
import { ProviderError, type ProviderFailure } from '../../../domain/weather/provider-failure.ts';
import { attributionOf } from '../../../domain/weather/providers.ts';
import type { PlaceResult, ProviderPlace } from '../../../ports/forecast-provider.ts';
import {
  createProviderHttp,
  type ProviderWithConnections,
  requireJson,
  unreadableAnswer,
} from '../provider-http.ts';
import { amapFailure } from './amap-failure.ts';
import { type AmapAnswer, readAmapAnswer } from './read-amap-answer.ts';

/** How AMap is called. */
export interface AmapOptions {
  /** `stand-in` for the local stand-in. Its invented weather is never attributed to AMap. */
  readonly id: 'amap' | 'stand-in';
  /** A key of the kind "Web服务". */
  readonly key: string;
  readonly endpoint?: string;
  /** The key's secret, if digital signatures are turned on. */
  readonly signSecret?: string;
  /** Timeout of a call, in ms. */
  readonly timeoutMs?: number;
  /** Returns the current time in epoch ms. */
  readonly clock?: () => number;
}

const ENDPOINT = 'https://restapi.amap.com';

/**
 * The provider AMap, or its local stand-in. A call returns four days of one place; the adcode names the place. The path
 * of a call contains the key, and the signature if calls are signed. Messages never contain the key, its secret or a
 * signature: they are removed from AMap's `info`.
 */
export function createAmapProvider(options: AmapOptions): ProviderWithConnections {
  const { id, key, signSecret, endpoint = ENDPOINT, timeoutMs = 10_000, clock = Date.now } = options;
  const http = createProviderHttp(endpoint, timeoutMs);

  const fetchPlace = async (place: ProviderPlace, signal: AbortSignal | undefined): Promise<PlaceResult> => {
    const { adcode, name } = place;
    const parameters = { city: adcode, extensions: 'all', key };
    const sig = signSecret === undefined ? undefined : amapSignature(parameters, signSecret);
    const query = new URLSearchParams({ ...parameters, ...(sig === undefined ? {} : { sig }) });
    const subject = `AMap for ${name} (${adcode})`;
    const answer = await http.get(`/v3/weather/weatherInfo?${query}`, subject, signal);
    const parsed = readAmapAnswer(requireJson(answer, subject, clock()), adcode);
    const secrets = [key, signSecret, sig];
    return toPlaceResult(parsed, place, { id, at: clock(), subject, redact: secretRedactor(secrets) });
  };

  return {
    ...{ id, placesPerCall: 1, keyedBy: 'adcode', attribution: attributionOf(id) },
    async fetchForecasts(places, signal) {
      const [place, ...others] = places;
      if (place === undefined || others.length > 0)
        throw new RangeError(`AMap accepts one place per call, got ${places.length}`);
      return [await fetchPlace(place, signal)];
    },
    close: () => http.close(),
  };
}

interface AnswerContext {
  readonly id: AmapOptions['id'];
  readonly at: number;
  readonly subject: string;
  readonly redact: (text: string) => string;
}

/** Converts an answer. Throws ProviderError if the answer is unreadable, or if the failure concerns all places. */
function toPlaceResult(
  answer: AmapAnswer,
  { adcode, name }: ProviderPlace,
  context: AnswerContext,
): PlaceResult {
  switch (answer.kind) {
    case 'empty':
      return { adcode, outcome: 'empty' };
    case 'forecast': {
      const { forecast } = answer;
      const named = { ...forecast, provider: context.id, city: forecast.city || name };
      return { adcode, outcome: 'forecast', forecast: named };
    }
    case 'other place': {
      const reason = `${context.subject}: the answer is about ${context.redact(answer.adcode)}`;
      return { adcode, outcome: 'failed', failure: { class: 'place', code: 'other-place', reason } };
    }
    case 'unreadable':
      throw unreadableAnswer(context.subject, answer.why);
    case 'refused': {
      const refusal = { infocode: answer.infocode, info: context.redact(answer.info) };
      return placeFailureOrThrow(adcode, amapFailure(refusal, `${name} (${adcode})`, context.at));
    }
  }
}

function placeFailureOrThrow(adcode: string, failure: ProviderFailure): PlaceResult {
  if (failure.class === 'place') return { adcode, outcome: 'failed', failure };
  throw new ProviderError(failure);
}
