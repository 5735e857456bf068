import express from 'express';
import { healthHandler } from '../runtime/health.ts';
import { type Listener, listen } from '../runtime/listen.ts';
import type { SourceMetrics } from './metrics.ts';
import type { SourceProgress } from './source-progress.ts';

export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: SourceMetrics;
  readonly progress: SourceProgress;
  /** Why it is not ready; undefined when it is. */
  readonly notReady: () => string | undefined;
}

/** Serves `/livez`, `/readyz`, `/metrics`, and `/status`, which is what the source is doing as JSON. */
export function startStatusServer({
  host,
  port,
  metrics,
  progress,
  notReady,
}: StatusServerOptions): Promise<Listener> {
  const app = express();
  app.disable('x-powered-by');
  app.use(healthHandler({ notReady, metrics: metrics.registry }));
  app.get('/status', (_req, res) => void res.json({ notReady: notReady() ?? null, ...progress.snapshot() }));
  app.use(
    (_req, res) => void res.status(404).json({ error: 'there is /livez, /readyz, /metrics and /status' }),
  );
  return listen(app, { host, port });
}
