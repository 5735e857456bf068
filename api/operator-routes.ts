import { Router } from 'express';
import { freshnessTable } from '../ports/weather-tables.ts';
import { cachedProbe, healthHandler, PROBE_TIMEOUT_MS } from '../runtime/health.ts';
import type { StoreReads } from './bounded-reads.ts';
import type { ApiMetrics } from './metrics.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { Problem } from './problem.ts';
import { sendCacheable, weakEtag } from './send-cacheable.ts';

/** The HTTP routes for operators, and the route of the OpenAPI document. */
export function operatorRoutes(deps: {
  readonly document: OpenApiDocument;
  /** The unbounded store, so that the readiness check does not wait behind other reads. */
  readonly store: StoreReads;
  readonly metrics: ApiMetrics;
  readonly draining: () => boolean;
  readonly metricsTokens: readonly string[];
}): Router {
  const { document, store, metrics, draining, metricsTokens } = deps;
  const router = Router();
  const version = { etag: weakEtag(document) };
  router.get('/openapi.json', (_req, res) => sendCacheable(res, document, version));
  const isStoreReadable = storeProbe(store);
  const throwIfNotReady = async (): Promise<undefined> => {
    const headers = { 'Retry-After': '2' };
    if (draining()) throw new Problem('unavailable', 'the api is stopping', { headers });
    if (!(await isStoreReadable())) throw new Problem('unavailable', 'the store is unreachable', { headers });
  };
  router.use(healthHandler({ notReady: throwIfNotReady, metrics: metrics.registry, metricsTokens }));
  return router;
}

/** Checks that the store can be read. The row does not have to exist. */
const storeProbe = (store: StoreReads): (() => Promise<boolean>) =>
  cachedProbe(() =>
    store.get(freshnessTable, { adcode: '110000' }, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }),
  );
