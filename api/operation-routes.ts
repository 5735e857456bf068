import { Router } from 'express';
import { sendVersion, weakTag } from './conditional.ts';
import type { ApiMetrics } from './metrics.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { Problem } from './problem.ts';

/** What those who run the api look at, and its description. */
export function operationRoutes(deps: {
  readonly document: OpenApiDocument;
  readonly reachable: () => Promise<boolean>;
  readonly metrics: ApiMetrics;
  readonly draining: () => boolean;
}): Router {
  const { document, reachable, metrics, draining } = deps;
  const router = Router();
  const version = { etag: weakTag(document) };
  router.get('/openapi.json', (_req, res) => sendVersion(res, document, version));
  router.get('/livez', (_req, res) => void res.status(200).end());
  router.get('/readyz', async (_req, res) => {
    const headers = { 'Retry-After': '2' };
    if (draining()) throw new Problem('unavailable', 'the api is stopping', { headers });
    if (!(await reachable())) throw new Problem('unavailable', 'the store cannot be reached', { headers });
    res.status(200).end();
  });
  router.get('/metrics', async (_req, res) => {
    res.type(metrics.contentType).send(await metrics.text());
  });
  return router;
}
