import type { IncomingMessage } from 'node:http';
import { type Request, type Response, Router } from 'express';
import { AdmissionQueue, type Slot } from '../domain/admission-queue.ts';
import { Unavailable } from '../domain/errors.ts';
import { BadEvent } from './decode/bad-event.ts';
import { decodeContent, isEncoded } from './decode/content-encoding.ts';
import { answer, type Reply, TOO_MANY } from './http/answers.ts';
import { bodyReader, dropRest } from './http/read-body.ts';
import { headersOf, type SinkRequest } from './http/sink-request.ts';
import type { GatewayMetrics } from './metrics.ts';
import { receiveDeadLetter } from './receive/dead-letter.ts';
import { type ReceiveDeps, receive } from './receive/receive.ts';
import { handshake } from './sources/handshake.ts';

/** The paths that take events, however many slashes they have; `/unzip` is where the original's rules point at. */
const SINKS = /^\/+(?:events|unzip)?\/*$/;

/** Where a Knative broker sends what it gives up on. */
const DEAD_LETTERS = /^\/+dead-letters\/*$/;

export interface SinkLimits {
  /** Bytes of one body at most, decoded. */
  readonly bodyBytes: number;
  /** Requests under way at a time. */
  readonly inFlight: number;
}

/** Time for one request, from when its body was read: senders give up at five seconds. */
const DEADLINE_MS = 3_000;

/** Requests that may wait for each that is under way: at the usual speed they all get their turn. */
const WAITING = 3;

/** So long may they wait: what gets its turn later would have no time left for Temporal. */
const WAIT_MS = 2_000;

/** All bodies in memory, in bytes. */
const BODIES = 16 * 1024 * 1024;

type Receive = (request: SinkRequest, deps: ReceiveDeps, deadline: number) => Promise<Reply>;

/** Bounds the requests under way, and the bytes of their bodies: parsed JSON takes many times its bytes. */
export const createSinkQueue = ({ bodyBytes, inFlight }: SinkLimits): AdmissionQueue =>
  new AdmissionQueue({
    parallel: { slots: inFlight, weight: bodyBytes },
    waiting: { slots: inFlight * WAITING },
  });

/** A slot for a body of so many bytes; undefined where too many wait, or none came free within `waitMs`. */
async function slotWithin(queue: AdmissionQueue, bytes: number, waitMs: number): Promise<Slot | undefined> {
  const late = new Unavailable('Late', 'no slot came free in time');
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(late), waitMs);
  try {
    return await queue.wait(bytes, waiting.signal);
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a request brings events. */
export function isSink({ method, url = '' }: IncomingMessage): boolean {
  const [path = ''] = url.split('?', 1);
  return method === 'POST' && (SINKS.test(path) || DEAD_LETTERS.test(path));
}

/** The paths of the sink: POST takes events, OPTIONS is the webhook handshake, everything else is 405. */
export function sinkRoutes(
  deps: ReceiveDeps,
  metrics: GatewayMetrics,
  { bodyBytes }: SinkLimits,
  queue: AdmissionQueue,
): Router {
  const router = Router();
  const read = bodyReader({ limit: bodyBytes, budget: Math.max(BODIES, 2 * bodyBytes) });

  /** Answers what was not even looked at. */
  const sendAway = (req: Request, res: Response, reply: Reply): void => {
    if (reply.status === 429) metrics.count({ outcome: 'deferred' });
    else deps.onReceived({ outcome: 'rejected', reason: reply.error ?? '' });
    dropRest(req);
    answer(res, reply);
  };
  const taking =
    (take: Receive) =>
    async (req: Request, res: Response): Promise<void> => {
      const body = await read(req);
      if (body === undefined) return;
      if (!('bytes' in body)) return sendAway(req, res, body);
      res.once('close', body.release);
      const deadline = Date.now() + DEADLINE_MS;
      const encoding = req.headers['content-encoding'];
      // What an encoded body will take is known when it is decoded: as much as is allowed, so one goes at a time.
      const bytes = isEncoded(encoding) ? bodyBytes : body.bytes.length;
      const slot = queue.tryEnter(bytes) ?? (await slotWithin(queue, bytes, WAIT_MS));
      if (slot === undefined) return sendAway(req, res, TOO_MANY);
      try {
        const decoded = await decodeContent(body.bytes, encoding, bodyBytes);
        const request = sinkRequest(req, decoded);
        // RFC 6750, 2.3: what was asked for with a token in the address is nobody else's.
        if (request.accessToken !== undefined) res.set('Cache-Control', 'private');
        answer(res, await take(request, deps, deadline));
      } catch (error) {
        if (!(error instanceof BadEvent)) throw error;
        sendAway(req, res, { status: error.status, error: error.message });
      } finally {
        slot.release();
      }
    };

  router.post(SINKS, taking(receive));
  router.post(DEAD_LETTERS, taking(receiveDeadLetter));
  router.options(SINKS, (req, res, next) => {
    // Without an origin it is no handshake.
    if (req.headers['webhook-request-origin'] === undefined) return next();
    answer(res, { status: 200, headers: handshake(deps.sources, req.headers).headers });
  });
  router.all([SINKS, DEAD_LETTERS], (_req, res) => {
    answer(res, { status: 405, headers: { Allow: 'POST' }, error: 'events are taken by POST' });
  });
  return router;
}

function sinkRequest(req: Request, body: Buffer): SinkRequest {
  const { path, query } = req;
  const { access_token: token } = query;
  return { headers: headersOf(req), path, body, accessToken: typeof token === 'string' ? token : undefined };
}
