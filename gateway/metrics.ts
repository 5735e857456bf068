import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { processMetrics } from '../runtime/health.ts';
import type { EventResult } from './temporal/event-result.ts';

export interface GatewayMetrics {
  readonly registry: Registry;
  countOutcome(result: Pick<EventResult, 'route' | 'outcome' | 'parked' | 'parkedBefore' | 'isBytes'>): void;
  /** Registers the gauge of pending requests. `pending` is called for each scrape. */
  observePending(pending: () => number): void;
  /** Records the status and duration (in seconds) of an answer. */
  observeRequest(status: number, seconds: number): void;
  /** Measures the duration of every request. */
  readonly timeRequests: RequestHandler;
}

export function createGatewayMetrics(): GatewayMetrics {
  const registry = processMetrics();
  const registers = [registry];
  const events = new Counter({
    name: 'sluice_events_total',
    help: 'Events by route and outcome; the route is empty for events that reached no route.',
    labelNames: ['route', 'outcome'],
    registers,
  });
  const bytes = new Counter({
    name: 'sluice_events_with_bytes_total',
    help: 'Events that no route matched because their data is bytes: their Content-Type is not JSON.',
    registers,
  });
  const requests = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'Time from the request head to the end of the answer, by status.',
    labelNames: ['status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4],
    registers,
  });
  return {
    registry,
    countOutcome({ route = '', outcome, parked, parkedBefore, isBytes = false }) {
      events.inc({ route, outcome });
      if (isBytes) bytes.inc();
      if (parked !== undefined && outcome !== 'parked' && !parkedBefore)
        events.inc({ route, outcome: 'parked' });
    },
    observePending(pending) {
      new Gauge({
        name: 'sluice_requests_pending',
        help: 'Requests in flight or waiting for a slot.',
        registers,
        collect() {
          this.set(pending());
        },
      });
    },
    observeRequest: (status, seconds) => requests.observe({ status: String(status) }, seconds),
    timeRequests(_req, res, next) {
      const began = performance.now();
      res.once('close', () => {
        requests.observe({ status: String(res.statusCode) }, (performance.now() - began) / 1_000);
      });
      next();
    },
  };
}
