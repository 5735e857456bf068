import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { answer, type Reply } from './answer.ts';
import type { GatewayMetrics } from './metrics.ts';
import { bodyBudget, TOO_MANY } from './overload/body-budget.ts';
import { createWorkGate } from './overload/work-gate.ts';
import { receiveDeadLetter } from './receive/receive-dead-letter.ts';
import type { SinkRequest } from './receive/sink-request.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import { handshake } from './sources/handshake.ts';

/** The paths that take events; `/unzip` is where the original's rules point at. */
export const SINKS = ['/', '/events', '/unzip'];

/** Where a Knative broker sends what it gives up on. */
export const DEAD_LETTERS = '/dead-letters';

export interface SinkLimits {
  /** Bytes of one body at most. */
  readonly bodyBytes: number;
  /** Requests under way at a time. */
  readonly inFlight: number;
}

/** What is not taken this long after it was read is answered 503 or 429; senders give up at five seconds. */
const DEADLINE_MS = 3_000;

/** Requests that may wait for each that is under way: at the usual speed they all are taken before their deadline. */
const WAITING = 4;

/** All bodies in memory, in bytes. */
const BODIES = 16 * 1024 * 1024;

type Receive = (request: SinkRequest, deps: ReceiveDeps, deadline: number) => Promise<Reply>;

/** The paths of the sink: POST takes events, OPTIONS is the webhook handshake, everything else is 405. */
export function sinkRoutes(deps: ReceiveDeps, metrics: GatewayMetrics, limits: SinkLimits): Router {
  const { bodyBytes, inFlight } = limits;
  const router = Router();
  const overloaded = (): void => metrics.count({ outcome: 'deferred' });
  const body = express.raw({ type: () => true, limit: bodyBytes });
  const reading: RequestHandler[] = [bodyBudget(Math.max(BODIES, 2 * bodyBytes), overloaded), body];
  const gate = createWorkGate({ places: inFlight, bytes: bodyBytes, waiting: inFlight * WAITING });
  metrics.observePending(() => gate.pending);

  const taking =
    (take: Receive) =>
    async (req: Request, res: Response): Promise<void> => {
      if (res.headersSent) return;
      const deadline = Date.now() + DEADLINE_MS;
      const request = sinkRequest(req);
      // RFC 6750, 2.3: what was asked for with a token in the address is nobody else's.
      if (request.accessToken !== undefined) res.set('Cache-Control', 'private');
      const place = await gate.enter(request.body.length, deadline);
      if (place === undefined) {
        overloaded();
        return answer(res, TOO_MANY);
      }
      try {
        answer(res, await take(request, deps, deadline));
      } finally {
        place.leave();
      }
    };

  router.post(SINKS, reading, taking(receive));
  router.post(DEAD_LETTERS, reading, taking(receiveDeadLetter));
  router.options(SINKS, (req, res, next) => {
    // Without an origin it is no handshake.
    if (req.headers['webhook-request-origin'] === undefined) return next();
    answer(res, { status: 200, headers: handshake(deps.sources, req.headers).headers });
  });
  router.all([...SINKS, DEAD_LETTERS], (_req, res) => {
    answer(res, { status: 405, headers: { Allow: 'POST' }, error: 'events are taken by POST' });
  });
  return router;
}

function sinkRequest({ headers, body, path, query }: Request): SinkRequest {
  const { access_token: token } = query;
  return {
    headers,
    path,
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    accessToken: typeof token === 'string' ? token : undefined,
  };
}
