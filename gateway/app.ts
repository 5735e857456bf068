import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Log } from '../runtime/log.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Reachable } from './readiness.ts';
import { type ReceiveDeps, type Reply, receive } from './receive.ts';

/** The paths that take events; `/unzip` is where the original's rules point at. */
const SINKS = ['/', '/events', '/unzip'];

/** Knative's dispatcher panics on longer error bodies when a dead letter sink is set. */
const ERROR_BYTES = 768;

export interface AppDeps {
  readonly receive: ReceiveDeps;
  readonly temporal: Reachable;
  readonly metrics: GatewayMetrics;
  readonly log: Log;
  readonly bodyLimit: number;
}

/** The gateway as an express app that does not listen yet: HTTP to `receive` and back. */
export function createApp({ receive: deps, temporal, metrics, log, bodyLimit }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const body = express.raw({ type: () => true, limit: bodyLimit });

  app.post(SINKS, body, async (req: Request, res: Response) => {
    const raw = { headers: req.headers, body: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0) };
    answer(res, await receive(raw, deps));
  });
  app.all(SINKS, (_req, res) => {
    answer(res, { status: 405, headers: { Allow: 'POST' }, error: 'events are taken by POST' });
  });
  app.get('/livez', (_req, res) => void res.status(200).end());
  app.get('/readyz', async (_req, res) => {
    const reachable = await temporal();
    answer(res, reachable ? { status: 200 } : { status: 503, error: 'Temporal cannot be reached' });
  });
  app.get('/metrics', async (_req, res) => {
    res.type(metrics.contentType).send(await metrics.text());
  });
  app.use((_req, res) =>
    answer(res, { status: 404, error: `there is nothing here; events go to ${SINKS.join(', ')}` }),
  );

  const failed: ErrorRequestHandler = (
    error: { status?: number; message?: string; type?: string },
    _req,
    res,
    next,
  ) => {
    if (res.headersSent) return next(error);
    const status =
      error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({ err: error }, 'a request failed');
    else deps.onReceived({ outcome: 'rejected', reason: error.message ?? '' });
    const limit = `the body is over ${bodyLimit} bytes`;
    answer(res, {
      status,
      error: status === 500 ? 'the gateway failed' : status === 413 ? limit : (error.message ?? ''),
    });
  };
  app.use(failed);
  return app;
}

function answer(res: Response, { status, headers = {}, error }: Reply): void {
  res.status(status).set(headers);
  if (error === undefined) {
    res.end();
    return;
  }
  let text = error;
  while (Buffer.byteLength(JSON.stringify({ error: text })) >= ERROR_BYTES)
    text = `${text.slice(0, text.length * 0.9)}…`;
  res.json({ error: text });
}
