import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import type { Received } from './receive.ts';

/** What Prometheus reads. */
export interface GatewayMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  count(received: Received): void;
}

export function createMetrics(): GatewayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: 'sluice_events_total',
    help: 'Events by route and by what became of them; events that reached no route have none.',
    labelNames: ['route', 'outcome'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count: ({ route = '', outcome }) => events.inc({ route, outcome }),
  };
}
