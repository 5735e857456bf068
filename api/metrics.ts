import type { ServerResponse } from 'node:http';
import { Histogram, type Registry } from 'prom-client';
import { processMetrics } from '../runtime/health.ts';

/** What Prometheus reads. */
export interface ApiMetrics {
  readonly registry: Registry;
  /** Notes a read of the store, its time in seconds. */
  observeRead(seconds: number, answered: boolean): void;
  /** Times a request until its answer has gone; `route` is asked for then. */
  timeRequest(res: ServerResponse, route: () => string): void;
}

const BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4];

export function createApiMetrics(): ApiMetrics {
  const registry = processMetrics();
  const registers = [registry];
  const requests = new Histogram({
    name: 'sluice_api_request_duration_seconds',
    help: 'Time from a request’s head to the end of its answer, by the path of the description and the status.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const reads = new Histogram({
    name: 'sluice_api_store_read_duration_seconds',
    help: 'Time of a read of the store, by whether it was answered.',
    labelNames: ['answered'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  return {
    registry,
    observeRead: (seconds, answered) => reads.observe({ answered: String(answered) }, seconds),
    timeRequest(res, route) {
      const began = performance.now();
      res.once('close', () => {
        const status = res.writableFinished ? String(res.statusCode) : 'gone';
        requests.observe({ route: route(), status }, (performance.now() - began) / 1_000);
      });
    },
  };
}
