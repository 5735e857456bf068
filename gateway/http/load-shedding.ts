import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { discardRest } from './read-body.ts';
import { replyHeaders, TOO_MANY_REQUESTS } from './replies.ts';

export interface LoadSheddingOptions {
  /** Whether no event can be taken now. */
  readonly isFull: () => boolean;
  /** Whether a request brings events. */
  readonly isEventRequest: (request: IncomingMessage) => boolean;
  /** Told of each that was sent away, with how long that took, in seconds. */
  readonly onShed: (seconds: number) => void;
}

const REPLY_BODY = JSON.stringify({ error: TOO_MANY_REQUESTS.error });
const REPLY_HEADERS = {
  ...replyHeaders(TOO_MANY_REQUESTS),
  ...{ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(REPLY_BODY) },
};

/**
 * Answers 429 to events that cannot be taken before anything else is done about them: Node.js accepts one connection in
 * each turn of its loop, so whoever is new waits for all that is done for those who are sent away.
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

/** Clients that pipeline at all have a few requests under way on a connection. */
const MAX_PIPELINED_REQUESTS = 32;

/** Ends connections on which more requests wait for their answers than any client sends: they cost us, and them nothing. */
export function limitPipelining(handler: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const open = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, open);
    if (open > MAX_PIPELINED_REQUESTS) {
      socket.destroy();
      return;
    }
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
