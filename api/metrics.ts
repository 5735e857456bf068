import type { ServerResponse } from 'node:http';
import { Histogram, type Registry } from 'prom-client';
import { processMetrics } from '../runtime/health.ts';

/** The api's Prometheus metrics. */
export interface ApiMetrics {
  readonly registry: Registry;
  /** Records a read of the store and its duration in seconds. */
  observeRead(seconds: number, answered: boolean): void;
  /**
   * Records the duration of a request when its answer has been sent, or when its connection has closed before that
   * (status `gone`). `route` returns the path for the label. It is called when the duration is recorded.
   */
  timeRequest(res: ServerResponse, route: () => string): void;
}

const BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4];

export function createApiMetrics(): ApiMetrics {
  const registry = processMetrics();
  const registers = [registry];
  const requests = new Histogram({
    name: 'sluice_api_request_duration_seconds',
    help: 'Duration from the head of a request to the end of its answer, by route and status.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const reads = new Histogram({
    name: 'sluice_api_store_read_duration_seconds',
    help: 'Duration of a read of the store, by whether it was answered.',
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
