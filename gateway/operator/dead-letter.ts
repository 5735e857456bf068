import type { CloudEvent } from '../../domain/cloud-event.ts';
import type { DeadLetter } from '../../domain/parked-request.ts';

/** Longer answers are cut; Knative itself sends at most 1,024 bytes. */
const CHARACTERS = 2_000;

/**
 * What a Knative broker adds to an event that it gave up on (eventing, pkg/channel/event_dispatcher.go): the
 * destination, its status code, and its answer's body in base64.
 */
export function deadLetterOf({ attributes }: Pick<CloudEvent, 'attributes'>): DeadLetter {
  const { knativeerrordest: destination, knativeerrorcode: code, knativeerrordata: data } = attributes;
  return {
    ...(destination === undefined ? {} : { destination: String(destination) }),
    ...(/^\d{3}$/.test(String(code)) ? { code: Number(code) } : {}),
    ...(data === undefined ? {} : { data: decoded(String(data)).slice(0, CHARACTERS) }),
  };
}

/** One sentence of it. */
export function deadLetterReason({ destination, code, data }: DeadLetter): string {
  const answered = code === undefined ? 'gave no answer' : `answered ${code}`;
  const said = data === undefined || data.trim() === '' ? '' : `: ${data.trim()}`;
  return `a broker gave up on it: ${destination ?? 'its subscriber'} ${answered}${said}`;
}

/** Brokers differ in whether they encode; what is no base64 of UTF-8 is taken as it is. */
function decoded(data: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data) || data.length % 4 !== 0) return data;
  const bytes = Buffer.from(data, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : data;
}
