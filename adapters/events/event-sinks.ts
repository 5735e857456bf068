import { CloudEvent, HTTP } from 'cloudevents';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { splitCredentials } from '../../domain/secrets.ts';
import { classifySinkStatus } from '../../domain/sink-status.ts';
import type { EmittedEvent, EventSink } from '../../ports/event-sink.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { Log } from '../../runtime/log.ts';

/** Timeout of one delivery, in milliseconds. */
const SEND_TIMEOUT_MS = 10_000;

function toCloudEvent({ extensions, ...event }: EmittedEvent): CloudEvent<unknown> {
  return new CloudEvent({ ...event, datacontenttype: 'application/json', ...extensions });
}

/**
 * Posts events to `url` in structured mode, which supports all characters. Throws `Unavailable` if a retry may help.
 */
export function httpEventSink(url: string): EventSink {
  const { target, authorization } = splitCredentials(url);
  return {
    delivers: true,
    async emit(event, signal) {
      const { headers, body } = HTTP.structured(toCloudEvent(event));
      const all = {
        ...(headers as Record<string, string>),
        ...(authorization === undefined ? {} : { authorization }),
      };
      const status = await post(target, all, String(body), signal);
      const verdict = classifySinkStatus(status);
      if (verdict === 'accepted') return;
      const sentence = `the sink ${target.origin} answered event ${event.id} with ${status}`;
      if (verdict === 'retry') throw new Unavailable('SinkUnavailable', sentence);
      throw new InvalidInput('EventRefused', sentence);
    },
  };
}

async function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    return (await sendHttp({ url, headers, body, signal, timeoutMs: SEND_TIMEOUT_MS, maxBytes: 0 })).status;
  } catch (error) {
    signal.throwIfAborted();
    throw new Unavailable('SinkUnavailable', `cannot send an event to ${url.origin}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Writes events to the log. Used if no sink is configured. */
export function logEventSink(log: Log): EventSink {
  return {
    delivers: false,
    emit(event) {
      log.info({ event }, `event ${event.type}`);
      return Promise.resolve();
    },
  };
}
