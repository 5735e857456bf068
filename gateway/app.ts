import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import type { Log } from '../runtime/log.ts';
import { answer } from './answer.ts';
import type { GatewayMetrics } from './metrics.ts';
import { noForeignHosts, noForeignPages } from './operator/foreign-page.ts';
import { type OperatorDeps, operatorRoutes } from './operator/operator-routes.ts';
import { shedding } from './overload/shed.ts';
import type { Reachable } from './readiness.ts';
import type { ReceiveDeps } from './receive.ts';
import { createSinkQueue, isSink, type SinkLimits, sinkRoutes } from './sink.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface AppDeps {
  readonly receive: ReceiveDeps;
  readonly operator: OperatorDeps;
  readonly temporal: Reachable;
  readonly metrics: GatewayMetrics;
  readonly tracing: Tracing;
  readonly log: Log;
  readonly limits: SinkLimits;
  /** Whether it listens on loopback only. */
  readonly loopback: boolean;
  /** Whether the process is about to stop: it still takes what comes, and asks for no more. */
  readonly draining: () => boolean;
}

/** The gateway, which does not listen yet: which path does what. */
export function createApp(deps: AppDeps): RequestListener {
  const { temporal, metrics, log, limits, draining } = deps;
  const queue = createSinkQueue(limits);
  metrics.observePending(() => queue.pending);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(metrics.timing);
  app.use(deps.tracing.span);
  app.use((_req, res, next) => {
    if (draining()) res.set('Connection', 'close');
    next();
  });
  if (deps.loopback) app.use(noForeignPages);
  app.use(sinkRoutes(deps.receive, metrics, limits, queue));
  if (deps.loopback) app.use(['/events', '/explain'], noForeignHosts);
  app.use(operatorRoutes(deps.operator, limits));
  app.get('/livez', (_req, res) => void res.status(200).end());
  app.get('/readyz', async (_req, res) => {
    if (draining()) return answer(res, { status: 503, error: 'the gateway is stopping' });
    answer(res, (await temporal()) ? { status: 200 } : { status: 503, error: 'Temporal cannot be reached' });
  });
  app.get('/metrics', async (_req, res) => {
    res.type(metrics.contentType).send(await metrics.text());
  });
  app.use((_req, res) =>
    answer(res, { status: 404, error: 'there is nothing here; events go to /, /events or /unzip' }),
  );

  const failed: ErrorRequestHandler = (error: { status?: number; message?: string }, _req, res, next) => {
    if (res.headersSent) return next(error);
    const { status = 500, message = '' } = error;
    if (status < 400 || status >= 500) {
      log.error({ err: error }, 'a request failed');
      return answer(res, { status: 500, error: 'the gateway failed' });
    }
    answer(res, { status, error: status === 413 ? `the body is over ${limits.bodyBytes} bytes` : message });
  };
  app.use(failed);
  const onShed = (seconds: number): void => {
    metrics.count({ outcome: 'deferred' });
    metrics.observe(429, seconds);
  };
  return shedding(app, { full: () => queue.isFull(), isSink, onShed });
}
