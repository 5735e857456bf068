import express from 'express';
import { type Listener, listen } from '../runtime/listen.ts';
import type { SourceMetrics } from './metrics.ts';
import type { Progress } from './progress.ts';

export interface OperatorParts {
  readonly host: string;
  readonly port: number;
  readonly metrics: SourceMetrics;
  readonly progress: Progress;
  /** Why it is not ready; undefined when it is. */
  readonly ready: () => string | undefined;
}

/** Serves `/livez`, `/readyz`, `/metrics`, and `/status`, which is what the source is doing as JSON. */
export function serveOperators({ host, port, metrics, progress, ready }: OperatorParts): Promise<Listener> {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_req, res) => void res.status(200).end());
  app.get('/readyz', (_req, res) => {
    const reason = ready();
    if (reason === undefined) res.status(200).end();
    else res.status(503).json({ error: reason });
  });
  app.get('/metrics', async (_req, res) => void res.type(metrics.contentType).send(await metrics.text()));
  app.get('/status', (_req, res) => void res.json({ notReady: ready() ?? null, ...progress.now() }));
  app.use(
    (_req, res) => void res.status(404).json({ error: 'there is /livez, /readyz, /metrics and /status' }),
  );
  return listen(app, { host, port });
}
