import type { IncomingMessage } from 'node:http';
import type { IRouter, Request, Response } from 'express';
import { AdmissionQueue, type Slot } from '../domain/admission-queue.ts';
import { Unavailable } from '../domain/errors.ts';
import { withoutSignature } from './auth/signature-headers.ts';
import { BadEvent } from './decode/bad-event.ts';
import { decodeContent, isEncoded } from './decode/content-encoding.ts';
import { parsingWeight } from './decode/measure-json.ts';
import { type EventRequest, type EventRequestHead, requestHeaders } from './http/event-request.ts';
import { createBodyReader, discardRest } from './http/read-body.ts';
import { type Reply, sendReply, TOO_MANY_REQUESTS } from './http/replies.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Authentication } from './receive/decode-and-authorise.ts';
import { receiveDeadLetter } from './receive/receive-dead-letter.ts';
import {
  authenticateOrReject,
  type ReceiveDeps,
  receiveEvents,
  withSignedHeadersOnly,
} from './receive/receive-events.ts';
import { checkHead, withBody, withDecodedBody } from './senders/credential-checks.ts';
import { webhookHandshake } from './senders/webhook-handshake.ts';

/**
 * The paths that receive events, with any number of slashes. EventBridge rules for the function that Sluice replaces
 * use `/unzip`.
 */
const EVENT_PATHS = /^\/+(?:(?:events|unzip)\/*)?$/;

/** Where a Knative broker sends dead letters. */
const DEAD_LETTER_PATHS = /^\/+dead-letters\/*$/;

export interface EventEndpointLimits {
  /** The maximum size of a decoded body, in bytes. */
  readonly bodyBytes: number;
  /** The maximum number of concurrent requests. */
  readonly inFlight: number;
}

/** The timeout of one request, in ms, counted after its body was read. Senders time out after five seconds. */
const REQUEST_TIMEOUT_MS = 3_000;

/** How long the keys for one request may take to fetch, in ms. */
const KEYS_TIMEOUT_MS = 2_000;

/** The number of requests that may wait for each slot. At the usual speed, all waiting requests get a slot in time. */
const WAITING_PER_SLOT = 3;

/** The maximum time in the queue. After a longer wait too little time would be left for Temporal. */
const MAX_WAIT_MS = 2_000;

/**
 * The limit for all request bodies in memory, in bytes. If two bodies of maximum size need more, the limit is higher.
 */
const MAX_TOTAL_BODY_BYTES = 16 * 1024 * 1024;

/** How the requests of a path are handled. */
interface Receiver {
  /** Returns the request without the headers that do not count on this path. */
  readonly prepare: (head: EventRequestHead, deps: ReceiveDeps) => EventRequestHead;
  readonly receive: (
    request: EventRequest,
    authentication: Authentication,
    deps: ReceiveDeps,
    deadline: number,
  ) => Promise<Reply>;
}

/**
 * Bounds the concurrent requests and the bytes of their bodies. A parsed body takes many times the memory of its
 * text.
 */
export const createEventQueue = ({ bodyBytes, inFlight }: EventEndpointLimits): AdmissionQueue =>
  new AdmissionQueue({
    parallel: { slots: inFlight, weight: bodyBytes },
    waiting: { slots: inFlight * WAITING_PER_SLOT },
  });

/**
 * Waits for a slot for a body. Returns undefined if the queue is full, after `MAX_WAIT_MS`, or if the sender closes the
 * connection.
 */
async function waitForSlot(queue: AdmissionQueue, weight: number, res: Response): Promise<Slot | undefined> {
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort(new Unavailable('Late', 'no slot was available in time'));
  const timer = setTimeout(giveUp, MAX_WAIT_MS);
  res.once('close', giveUp);
  try {
    return await queue.wait(weight, waiting.signal);
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    res.off('close', giveUp);
  }
}

/** Returns true if the request carries events. */
export function isEventRequest({ method, url = '' }: IncomingMessage): boolean {
  const [path = ''] = url.split('?', 1);
  return method === 'POST' && (EVENT_PATHS.test(path) || DEAD_LETTER_PATHS.test(path));
}

/**
 * Adds the HTTP handlers of the event paths to `app`: POST carries events, OPTIONS is the webhook handshake, other
 * methods get 405. A router of its own would take processor time for each event.
 */
export function addEventRoutes(
  app: IRouter,
  deps: ReceiveDeps,
  metrics: GatewayMetrics,
  { bodyBytes }: EventEndpointLimits,
  queue: AdmissionQueue,
): void {
  const readBody = createBodyReader({
    limit: bodyBytes,
    maxTotalBytes: Math.max(MAX_TOTAL_BODY_BYTES, 2 * bodyBytes),
  });

  /** Sends the reply to a request whose events were not decoded, and discards the unread part of its body. */
  const answerUndecoded = (req: Request, res: Response, reply: Reply): void => {
    if (reply.status === 429) metrics.countOutcome({ outcome: 'deferred' });
    else deps.onResult({ outcome: 'rejected', reason: reply.error ?? '' });
    discardRest(req);
    sendReply(res, reply);
  };
  /**
   * Handles a request. Anybody can send large requests whose keys take long to fetch. So the keys are fetched before
   * the body is read, and the credentials are checked before the request gets a slot.
   */
  const handle =
    ({ prepare, receive }: Receiver) =>
    async (req: Request, res: Response): Promise<void> => {
      const head = prepare(toEventRequestHead(req), deps);
      // RFC 6750, 2.3: the answer to a request with a token in its URL must not be in a shared cache.
      if (head.accessToken !== undefined) res.set('Cache-Control', 'private');
      await checkHead(deps.senders, head, Date.now() + KEYS_TIMEOUT_MS);
      const body = await readBody(req);
      if (body === undefined) return;
      if (!('bytes' in body)) return answerUndecoded(req, res, body);
      try {
        await handleBody(withBody(head, body.bytes), receive, req, res);
      } finally {
        // The body stays in memory until here, also if the connection has closed before. So its bytes count until
        // here.
        body.release();
      }
    };

  const handleBody = async (
    request: EventRequest,
    receive: Receiver['receive'],
    req: Request,
    res: Response,
  ): Promise<void> => {
    const deadline = Date.now() + REQUEST_TIMEOUT_MS;
    if (queue.isFull()) return answerUndecoded(req, res, TOO_MANY_REQUESTS);
    const authentication = await authenticateOrReject(request, deps, deadline);
    if ('status' in authentication) return sendReply(res, authentication);
    const { 'content-encoding': encoding } = request.headers as IncomingMessage['headers'];
    // The decoded size of an encoded body is not known yet, so the body counts as the maximum size. Therefore only
    // one encoded body is decoded at the same time.
    const weight = isEncoded(encoding)
      ? bodyBytes
      : parsingWeight({ body: request.body, headers: req.headers }, bodyBytes);
    const slot = queue.tryEnter(weight) ?? (await waitForSlot(queue, weight, res));
    if (slot === undefined) return answerUndecoded(req, res, TOO_MANY_REQUESTS);
    try {
      const decoded = withDecodedBody(request, await decodeContent(request.body, encoding, bodyBytes));
      sendReply(res, await receive(decoded, authentication, deps, deadline));
    } catch (error) {
      if (!(error instanceof BadEvent)) throw error;
      answerUndecoded(req, res, { status: error.status, error: error.message });
    } finally {
      slot.release();
    }
  };

  app.post(EVENT_PATHS, handle({ prepare: withSignedHeadersOnly, receive: receiveEvents }));
  // EventBridge sends no dead letters, so a signed request to this path is a copy of a request to another path.
  app.post(DEAD_LETTER_PATHS, handle({ prepare: withoutSignature, receive: receiveDeadLetter }));
  app.options(EVENT_PATHS, (req, res, next) => {
    // A request without an origin is not a handshake.
    if (req.headers['webhook-request-origin'] === undefined) return next();
    sendReply(res, { status: 200, headers: webhookHandshake(deps.senders, req.headers).headers });
  });
  app.all([EVENT_PATHS, DEAD_LETTER_PATHS], (_req, res) => {
    sendReply(res, { status: 405, headers: { Allow: 'POST' }, error: 'send events by POST' });
  });
}

function toEventRequestHead(req: Request): EventRequestHead {
  const { path, query } = req;
  const { access_token: token } = query;
  return {
    headers: requestHeaders(req),
    path,
    accessToken: typeof token === 'string' ? token : undefined,
  };
}
