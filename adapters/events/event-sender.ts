import { CloudEvent, HTTP } from 'cloudevents';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { EventSink, OutgoingEvent } from '../../ports/event-sink.ts';
import { exchange } from '../../runtime/exchange.ts';
import type { Log } from '../../runtime/log.ts';

/** Deadline of one delivery, in milliseconds. */
const SEND_MS = 10_000;

function cloudEventOf({ extensions, ...event }: OutgoingEvent): CloudEvent<unknown> {
  return new CloudEvent({ ...event, datacontenttype: 'application/json', ...extensions });
}

/** Posts events to `url` in structured mode, which carries every character; a retryable answer is `Unavailable`. */
export function httpEventSink(url: string): EventSink {
  const { target, authorization } = splitCredentials(url);
  return {
    async emit(event, signal) {
      const { headers, body } = HTTP.structured(cloudEventOf(event));
      const all = { ...(headers as Record<string, string>), ...authorization };
      const status = await post(target, all, String(body), signal);
      if (status >= 200 && status < 300) return;
      const sentence = `event ${event.id} to ${target.origin}: answered ${status}`;
      // Knative's rule: these may be sent again, any other answer is final.
      if (status >= 500 || [404, 408, 409, 429].includes(status))
        throw new Unavailable('SinkUnavailable', sentence);
      throw new InvalidInput('EventRefused', sentence);
    },
  };
}

/** A name and password in the address become a header, so that no message can quote them. */
function splitCredentials(url: string): { target: URL; authorization: Record<string, string> } {
  const target = new URL(url);
  const { username, password } = target;
  if (username === '' && password === '') return { target, authorization: {} };
  target.username = '';
  target.password = '';
  const pair = [username, password].map(decodeURIComponent).join(':');
  return { target, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

async function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]);
    return (await exchange({ url, headers, body, signal: deadline, textBytes: 0 })).status;
  } catch (error) {
    signal.throwIfAborted();
    throw new Unavailable('SinkUnavailable', `event to ${url.origin}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Writes events to the log, where no sink is configured. */
export function logEventSink(log: Log): EventSink {
  return {
    emit(event) {
      log.info({ event }, `event ${event.type}`);
      return Promise.resolve();
    },
  };
}
