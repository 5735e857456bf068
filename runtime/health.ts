import type { IncomingMessage, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { fixedTokens, readBearerToken } from './bearer-tokens.ts';

export interface HealthOptions {
  /**
   * Returns in one sentence why the process is not ready; undefined if it is ready. The sentence is in the answer, a
   * 503 with `{"error": reason}`. Errors go to `next`, so that a process can use its own error format.
   */
  readonly notReady: () => string | undefined | Promise<string | undefined>;
  readonly metrics: Registry;
  /** `GET /metrics` requires one of these tokens. If the list is empty, it requires none. */
  readonly metricsTokens: readonly string[];
}

/**
 * An Express middleware that also works in a plain Node.js server. Calls `next` for all requests except GET and HEAD of
 * `/livez`, `/readyz` and `/metrics`.
 */
export type HealthHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Creates a registry with the metrics of Node.js: CPU, memory, event loop, garbage collection. */
export function processMetrics(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}

/** How long the text of the metrics is cached. Within this time, all requests get the same text. */
const METRICS_CACHE_MS = 250;

const PATHS = /^\/+(livez|readyz|metrics)\/*$/i;

/**
 * Answers `GET /livez` with 200 while the process responds, `GET /readyz` with 200 or 503, and `GET /metrics` in
 * Prometheus's text format.
 */
export function healthHandler({ notReady, metrics, metricsTokens }: HealthOptions): HealthHandler {
  const known = fixedTokens(metricsTokens);
  const mayReadMetrics = ({ headers }: IncomingMessage): boolean =>
    metricsTokens.length === 0 || known.include(readBearerToken(headers.authorization) ?? '');
  const text = cachedFor(METRICS_CACHE_MS, () => metrics.metrics());
  const answers: Readonly<
    Record<string, (res: ServerResponse, req: IncomingMessage) => void | Promise<void>>
  > = {
    livez: (res) => void res.writeHead(200).end(),
    async readyz(res) {
      const reason = await notReady();
      if (reason === undefined) return void res.writeHead(200).end();
      res.writeHead(503, { 'Content-Type': 'application/json; charset=utf-8' });
      res.end(JSON.stringify({ error: reason }));
    },
    async metrics(res, req) {
      if (!mayReadMetrics(req)) {
        res.writeHead(401, {
          'Content-Type': 'application/json; charset=utf-8',
          'WWW-Authenticate': 'Bearer',
        });
        return void res.end(
          JSON.stringify({ error: 'the metrics require a token of SLUICE_METRICS_TOKENS' }),
        );
      }
      const body = await text();
      res.writeHead(200, { 'Content-Type': metrics.contentType, 'Content-Length': Buffer.byteLength(body) });
      res.end(body);
    },
  };
  return (req, res, next) => {
    const [path = ''] = (req.url ?? '').split('?', 1);
    const name = PATHS.exec(path)?.[1]?.toLowerCase();
    const answer = name === undefined ? undefined : answers[name];
    if (answer === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
    Promise.resolve(answer(res, req)).catch(next);
  };
}

/** How long the result of a probe is cached. */
const REACHABLE_CACHE_MS = 2_000;

/** The timeout of a probe, in ms. */
export const PROBE_TIMEOUT_MS = 1_000;

/**
 * Returns a function that resolves to true if a service is reachable. It calls `probe` at most every two seconds.
 * `probe` must end within `PROBE_TIMEOUT_MS`.
 */
export const cachedProbe = (probe: () => Promise<unknown>): (() => Promise<boolean>) =>
  cachedFor(REACHABLE_CACHE_MS, () =>
    probe().then(
      () => true,
      () => false,
    ),
  );

/** Returns a function that calls `make` at most every `everyMs`, and returns its latest result. */
export function cachedFor<T>(everyMs: number, make: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  let madeAt = 0;
  return () => {
    if (last === undefined || performance.now() - madeAt > everyMs) {
      madeAt = performance.now();
      last = make();
    }
    return last;
  };
}
