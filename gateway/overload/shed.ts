import type { IncomingMessage, RequestListener } from 'node:http';
import { dropRest } from './drop-rest.ts';
import { TOO_MANY } from './read-body.ts';

export interface Shedding {
  /** Whether no event can be taken now. */
  readonly full: () => boolean;
  /** Whether a request brings events. */
  readonly isSink: (request: IncomingMessage) => boolean;
  /** Told of each that was sent away, with how long that took, in seconds. */
  readonly onShed: (seconds: number) => void;
}

const BODY = JSON.stringify({ error: TOO_MANY.error });
const HEADERS = {
  ...TOO_MANY.headers,
  ...{ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(BODY) },
};

/**
 * Answers 429 to events that cannot be taken before anything else is done about them: Node.js accepts one connection in
 * each turn of its loop, so whoever is new waits for all that is done for those who are sent away.
 */
export function shedding(handler: RequestListener, { full, isSink, onShed }: Shedding): RequestListener {
  return (request, response) => {
    if (!full() || !isSink(request)) {
      handler(request, response);
      return;
    }
    const began = performance.now();
    response.writeHead(TOO_MANY.status, HEADERS).end(BODY);
    dropRest(request);
    onShed((performance.now() - began) / 1_000);
  };
}
