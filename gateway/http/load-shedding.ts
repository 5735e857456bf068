import type { IncomingMessage, RequestListener } from 'node:http';
import { discardRest } from './read-body.ts';
import { replyHeaders, TOO_MANY_REQUESTS } from './replies.ts';

export interface LoadSheddingOptions {
  /** True if no event can be accepted now. */
  readonly isFull: () => boolean;
  /** True if the request carries events. */
  readonly isEventRequest: (request: IncomingMessage) => boolean;
  /** Called after each request that gets 429, with the time in seconds that the answer took. */
  readonly onShed: (seconds: number) => void;
}

const REPLY_BODY = JSON.stringify({ error: TOO_MANY_REQUESTS.error });
const REPLY_HEADERS = {
  ...replyHeaders(TOO_MANY_REQUESTS),
  ...{ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(REPLY_BODY) },
};

/**
 * If the queue is full, answers 429 before any other work. Node.js accepts one connection in each turn of its event
 * loop, so any work for rejected requests delays new connections.
 */
export function withLoadShedding(
  handler: RequestListener,
  { isFull, isEventRequest, onShed }: LoadSheddingOptions,
): RequestListener {
  return (request, response) => {
    if (!isFull() || !isEventRequest(request)) {
      handler(request, response);
      return;
    }
    const began = performance.now();
    response.writeHead(TOO_MANY_REQUESTS.status, REPLY_HEADERS).end(REPLY_BODY);
    discardRest(request);
    onShed((performance.now() - began) / 1_000);
  };
}
