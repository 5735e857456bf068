import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
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
 * Answers 429 before any other work if the queue is full. Node.js accepts one connection in each turn of its event
 * loop. So any work for rejected requests delays new connections.
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

/** How long a client with too many requests may take to read its answers. */
const LAST_ANSWERS_MS = 5_000;

function closeAfter(socket: Socket, ms: number): void {
  const timer = setTimeout(() => socket.resetAndDestroy(), ms);
  socket.once('close', () => clearTimeout(timer));
}

/** The limit for one connection. Real clients that use pipelining have fewer requests in flight. */
const MAX_PIPELINED_REQUESTS = 32;

/**
 * Closes connections with more unanswered requests than any real client sends. Such requests cost the client nothing,
 * but they use the gateway's memory. The connection is closed after the answers of the requests before.
 */
export function limitPipelining(handler: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const unansweredHere = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, unansweredHere);
    // The requests after the first one over the limit get no answer: Node.js drops them when it closes the connection.
    if (unansweredHere > MAX_PIPELINED_REQUESTS + 1) return;
    if (unansweredHere > MAX_PIPELINED_REQUESTS) {
      socket.pause();
      // Node.js sends answers in the order of the requests, and closes the connection after this one.
      response.writeHead(TOO_MANY_REQUESTS.status, { ...REPLY_HEADERS, Connection: 'close' }).end(REPLY_BODY);
      closeAfter(socket, LAST_ANSWERS_MS);
      return;
    }
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
