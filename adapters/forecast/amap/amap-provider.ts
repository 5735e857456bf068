import { secretRedactor } from '../../../domain/secrets.ts';
import { amapSignature } from '../../../domain/weather/amap-protocol.ts';
import { ProviderError, type ProviderFailure } from '../../../domain/weather/provider-failure.ts';
import { attributionOf } from '../../../domain/weather/providers.ts';
import type { PlaceResult, ProviderPlace } from '../../../ports/forecast-provider.ts';
import {
  type ClosableProvider,
  createProviderHttp,
  requireJson,
  unreadableAnswer,
} from '../provider-http.ts';
import { amapFailure } from './amap-failure.ts';
import { type AmapAnswer, readAmapAnswer } from './read-amap-answer.ts';

/** Who is asked, and as whom. */
export interface AmapOptions {
  /** `stand-in` for the local cloud's: its weather is made up and never said to be AMap's. */
  readonly id: 'amap' | 'stand-in';
  /** Of AMap's kind "Web服务". */
  readonly key: string;
  readonly endpoint?: string;
  /** The key's secret, where its owner has turned on digital signatures. */
  readonly signSecret?: string;
  /** For the whole call. */
  readonly deadlineMs?: number;
  /** Now, in epoch ms. */
  readonly clock?: () => number;
}

const ENDPOINT = 'https://restapi.amap.com';

/**
 * AMap's four days by adcode, one place a call, or the local cloud's stand-in for it. The key, its secret and the
 * signature are in the path of a call and in no message: AMap's `info` is cleaned of them.
 */
export function createAmapProvider(options: AmapOptions): ClosableProvider {
  const { id, key, signSecret, endpoint = ENDPOINT, deadlineMs = 10_000, clock = Date.now } = options;
  const calls = createProviderHttp(endpoint, deadlineMs);

  const ask = async (place: ProviderPlace, signal: AbortSignal | undefined): Promise<PlaceResult> => {
    const { adcode, name } = place;
    const parameters = { city: adcode, extensions: 'all', key };
    const sig = signSecret === undefined ? undefined : amapSignature(parameters, signSecret);
    const query = new URLSearchParams({ ...parameters, ...(sig === undefined ? {} : { sig }) });
    const subject = `AMap for ${name} (${adcode})`;
    const answer = await calls.get(`/v3/weather/weatherInfo?${query}`, subject, signal);
    const read = readAmapAnswer(requireJson(answer, subject, clock()), adcode);
    const secrets = [key, signSecret, sig];
    return toPlaceResult(read, place, { id, at: clock(), subject, clean: secretRedactor(secrets) });
  };

  return {
    ...{ id, placesPerCall: 1, keyedBy: 'adcode', attribution: attributionOf(id) },
    async fetchForecasts(places, signal) {
      const [place, ...others] = places;
      if (place === undefined || others.length > 0)
        throw new RangeError(`AMap is asked for one place a call, not for ${places.length}`);
      return [await ask(place, signal)];
    },
    close: () => calls.close(),
  };
}

interface AnswerContext {
  readonly id: AmapOptions['id'];
  readonly at: number;
  readonly subject: string;
  readonly clean: (text: string) => string;
}

/** Throws ProviderError for what says nothing of this place. */
function toPlaceResult(
  answer: AmapAnswer,
  { adcode, name }: ProviderPlace,
  said: AnswerContext,
): PlaceResult {
  switch (answer.kind) {
    case 'empty':
      return { adcode, outcome: 'empty' };
    case 'forecast': {
      const { forecast } = answer;
      const named = { ...forecast, provider: said.id, city: forecast.city || name };
      return { adcode, outcome: 'forecast', forecast: named };
    }
    case 'other place': {
      const reason = `${said.subject}: the answer is about ${said.clean(answer.adcode)}`;
      return { adcode, outcome: 'refused', failure: { class: 'place', code: 'other-place', reason } };
    }
    case 'unreadable':
      throw unreadableAnswer(said.subject, answer.why);
    case 'refused': {
      const cleaned = { infocode: answer.infocode, info: said.clean(answer.info) };
      return refusedPlace(adcode, amapFailure(cleaned, `${name} (${adcode})`, said.at));
    }
  }
}

function refusedPlace(adcode: string, failure: ProviderFailure): PlaceResult {
  if (failure.class === 'place') return { adcode, outcome: 'refused', failure };
  throw new ProviderError(failure);
}
