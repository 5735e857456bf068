import type { IncomingHttpHeaders } from 'node:http';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { messageOf } from '../../domain/errors.ts';
import { stringifyExactJson } from '../../domain/exact-json.ts';
import { fixedTokens, readBearerToken } from '../../runtime/bearer-tokens.ts';
import { BadEvent } from '../decode/bad-event.ts';
import { requestHeaders } from '../http/event-request.ts';
import { discardRest } from '../http/read-body.ts';
import { sendReply } from '../http/replies.ts';
import type { Route } from '../routes/route.ts';
import type { Sender } from '../senders/sender.ts';
import { grpcErrorOf } from '../temporal/temporal-errors.ts';
import { explain } from './explain.ts';
import type { FoundRun } from './find-runs.ts';
import type { RecentResults } from './recent-results.ts';

export interface OperatorDeps {
  readonly isOperator: IsOperator;
  readonly routes: readonly Route[];
  readonly senders: readonly Sender[];
  readonly recent: RecentResults;
  readonly findRuns: (
    event: { readonly source: string; readonly id: string },
    workflowIds: readonly string[],
  ) => Promise<readonly FoundRun[]>;
  readonly replay: RequestHandler<{ id: string }>;
}

/**
 * The HTTP handlers for operators. They look up an event's runs, explain what the gateway would do with an event, and
 * replay a parked request.
 */
export function operatorRoutes(
  { isOperator, routes, senders, recent, findRuns, replay }: OperatorDeps,
  { bodyBytes }: { bodyBytes: number },
): Router {
  const router = Router();
  const guarded = (req: Request, res: Response, next: NextFunction): void => {
    if (isOperator(req)) {
      next();
      return;
    }
    const error = 'this path requires a token of SLUICE_API_TOKENS as "Authorization: Bearer <token>"';
    sendReply(res, { status: 401, error });
  };
  router.get(['/events/lookup', '/events/:source/:id'], guarded, async (req, res) => {
    const { source, id } = { ...req.query, ...req.params };
    if (typeof source !== 'string' || typeof id !== 'string') {
      const error = 'the query must have one source and one id, as in ?source=/s&id=..';
      sendReply(res, { status: 400, error });
      return;
    }
    try {
      const known = recent.of({ source, id }).flatMap(({ workflowId = [] }) => workflowId);
      const runs = await findRuns({ source, id }, [...new Set(known)]);
      if (req.query.recent === undefined) res.json({ runs });
      else res.json({ runs, recent: recent.of({ source, id }), recentSince: recent.since });
    } catch (error) {
      sendReply(res, {
        status: 503,
        error: `the runs cannot be looked up: ${messageOf(grpcErrorOf(error)?.details ?? error, 200)}`,
      });
    }
  });
  // Without this check, the parser would read a body that is too large before it rejects the body.
  const rejectLargeBody = (req: Request, res: Response, next: NextFunction): void => {
    if (Number(req.headers['content-length'] ?? 0) <= bodyBytes) {
      next();
      return;
    }
    discardRest(req);
    sendReply(res, { status: 413, error: `the body is larger than ${bodyBytes} bytes` });
  };
  router.post(
    '/explain',
    guarded,
    rejectLargeBody,
    express.raw({ type: () => true, limit: bodyBytes }),
    (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      try {
        const explanation = explain({ headers: requestHeaders(req), body }, { routes, senders }, Date.now());
        res.type('json').send(stringifyExactJson(explanation));
      } catch (error) {
        if (!(error instanceof BadEvent)) throw error;
        sendReply(res, { status: error.status, error: error.message });
      }
    },
  );
  router.post('/parked/:id/replay', guarded, replay);
  const rejectOtherMethods = (method: string) => (_req: Request, res: Response) =>
    sendReply(res, { status: 405, headers: { Allow: method }, error: `this path allows only ${method}` });
  router.all(['/events/lookup', '/events/:source/:id'], rejectOtherMethods('GET'));
  router.all(['/explain', '/parked/:id/replay'], rejectOtherMethods('POST'));
  return router;
}

/** Returns true if a request may look up and replay events. */
export type IsOperator = (request: {
  readonly headers: IncomingHttpHeaders | Readonly<Record<string, string | readonly string[] | undefined>>;
}) => boolean;

/**
 * Creates the check for operators, who send one of the tokens as `Authorization: Bearer`. If there are no tokens, the
 * check returns `allowAnyone`. On loopback, `allowAnyone` is true, so everyone on this machine is an operator.
 * Otherwise it is false, and there are no operators.
 */
export function createOperatorCheck(tokens: readonly string[], allowAnyone: boolean): IsOperator {
  if (tokens.length === 0) return () => allowAnyone;
  const known = fixedTokens(tokens);
  return ({ headers }) => {
    const token = readBearerToken(String(headers.authorization ?? ''));
    return token !== undefined && known.include(token);
  };
}
