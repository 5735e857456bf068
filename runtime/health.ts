import type { IncomingMessage, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

export interface HealthOptions {
  /**
   * Why the process should be sent nothing now, in one sentence, which is answered as 503 with `{"error": reason}`;
   * undefined when it is ready. What it throws goes to `next`, for a process that answers in a form of its own.
   */
  readonly notReady: () => string | undefined | Promise<string | undefined>;
  readonly metrics: Registry;
}

/** For express as a middleware, and for a server of its own; `next` is called for what is asked of somebody else. */
export type HealthHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** A registry that holds what Node.js tells of the process: CPU, memory, event loop, garbage collection. */
export function processMetrics(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}

/** However often they are asked for, the metrics are written this often. */
const METRICS_CACHE_MS = 250;

const PATHS = /^\/+(livez|readyz|metrics)\/*$/i;

/**
 * Answers `GET` of `/livez`, with 200 as long as the process answers at all; of `/readyz`, with 200 or 503; and of
 * `/metrics`, in Prometheus's text format.
 */
export function healthHandler({ notReady, metrics }: HealthOptions): HealthHandler {
  const text = cachedFor(METRICS_CACHE_MS, () => metrics.metrics());
  const answers: Readonly<Record<string, (res: ServerResponse) => void | Promise<void>>> = {
    livez: (res) => void res.writeHead(200).end(),
    async readyz(res) {
      const reason = await notReady();
      if (reason === undefined) return void res.writeHead(200).end();
      res.writeHead(503, { 'Content-Type': 'application/json; charset=utf-8' });
      res.end(JSON.stringify({ error: reason }));
    },
    async metrics(res) {
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
    Promise.resolve(answer(res)).catch(next);
  };
}

/** How long it is taken for granted whether something can be reached. */
const REACHABLE_CACHE_MS = 2_000;

/** How long a probe may take, in ms. */
export const PROBE_TIMEOUT_MS = 1_000;

/** Whether something can be reached: `probe`, which takes at most `PROBE_MS`, asks it at most once in two seconds. */
export const cachedProbe = (probe: () => Promise<unknown>): (() => Promise<boolean>) =>
  cachedFor(REACHABLE_CACHE_MS, () =>
    probe().then(
      () => true,
      () => false,
    ),
  );

function cachedFor<T>(everyMs: number, make: () => Promise<T>): () => Promise<T> {
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
