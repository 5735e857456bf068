import express from 'express';
import { healthHandler } from '../runtime/health.ts';
import { type Listener, listen } from '../runtime/listen.ts';
import { rejectForeignHosts } from '../runtime/loopback-host.ts';
import type { SourceMetrics } from './metrics.ts';
import type { SourceProgress } from './source-progress.ts';

export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: SourceMetrics;
  readonly progress: SourceProgress;
  readonly metricsTokens: readonly string[];
  /** Returns why the source is not ready; undefined if it is ready. */
  readonly notReady: () => string | undefined;
}

/** Serves `/livez`, `/readyz`, `/metrics`, and `/status` with the source's state as JSON. */
export function startStatusServer({
  host,
  port,
  metrics,
  progress,
  metricsTokens,
  notReady,
}: StatusServerOptions): Promise<Listener> {
  const app = express();
  app.disable('x-powered-by');
  app.use(healthHandler({ notReady, metrics: metrics.registry, metricsTokens }));
  app.get('/status', (_req, res) => void res.json({ notReady: notReady() ?? null, ...progress.snapshot() }));
  app.use(
    (_req, res) =>
      void res.status(404).json({ error: 'no such path; use /livez, /readyz, /metrics or /status' }),
  );
  return listen(rejectForeignHosts(host, app), { host, port });
}
