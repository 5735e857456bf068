import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { processMetrics } from '../runtime/health.ts';
import type { EventResult } from './temporal/event-result.ts';

/** What Prometheus reads. */
export interface GatewayMetrics {
  readonly registry: Registry;
  countOutcome(received: Pick<EventResult, 'route' | 'outcome' | 'parked' | 'parkedBefore'>): void;
  /** Tells how many requests are under way or waiting, when Prometheus asks. */
  observePending(pending: () => number): void;
  /** Notes an answer and how long it took, in seconds. */
  observeRequest(status: number, seconds: number): void;
  /** Times every request. */
  readonly timeRequests: RequestHandler;
}

export function createGatewayMetrics(): GatewayMetrics {
  const registry = processMetrics();
  const registers = [registry];
  const events = new Counter({
    name: 'sluice_events_total',
    help: 'Events by route and by what became of them; events that reached no route have none.',
    labelNames: ['route', 'outcome'],
    registers,
  });
  const requests = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'Time from a request’s head to the end of its answer, by the answer’s status.',
    labelNames: ['status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4],
    registers,
  });
  return {
    registry,
    countOutcome({ route = '', outcome, parked, parkedBefore = false }) {
      events.inc({ route, outcome });
      if (parked !== undefined && outcome !== 'parked' && !parkedBefore)
        events.inc({ route, outcome: 'parked' });
    },
    observePending(pending) {
      new Gauge({
        name: 'sluice_requests_pending',
        help: 'Requests under way or waiting for a slot.',
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
