import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { createApp } from '../../gateway/app.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { temporalReachable } from '../../gateway/readiness.ts';
import type { Received } from '../../gateway/receive.ts';
import { loadRoutes } from '../../gateway/routes/load-routes.ts';
import { temporalStarter } from '../../gateway/starter.ts';
import { temporalConnection } from '../../gateway/temporal-connection.ts';
import { listen } from '../../runtime/listen.ts';
import { createLog } from '../../runtime/log.ts';

/** The routes file as it is shipped. */
export const shippedRoutes = fileURLToPath(new URL('../../../gateway/routes.yaml', import.meta.url));

/** Bytes that the gateway of these tests takes: what everybody has to take. */
export const BODY_LIMIT = 64 * 1024;

const ROUTES = `
routes:
  - name: orders
    match: { source: [/shop], type: [order.placed] }
    workflow: handleOrder
    queue: nobody
    id: "order:{data.order.id}"
    input: { order: "{data.order}", note: "{data.note?}" }
  - name: whole
    match: { type: [any.event] }
    workflow: takeEvent
    queue: nobody
    id: "any:{id}"
  - name: again
    match: { type: [two.routes] }
    workflow: takeEvent
    queue: nobody
    id: "again:{id}"
  - name: exactly
    match: { type: [two.routes] }
    workflow: takeEvent
    queue: nobody
    id: "exactly:{id}"
    exact: true
`;

/** The gateway's app, with the shipped routes and those above, on a port of 127.0.0.1, towards a Temporal server. */
export async function startGateway(temporal: string, namespace = 'default') {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-gateway-'));
  const file = join(dir, 'routes.yaml');
  writeFileSync(file, ROUTES);
  const routes = loadRoutes([shippedRoutes, file]);
  rmSync(dir, { recursive: true });

  const connection = temporalConnection({ address: temporal });
  const client = new Client({ connection, namespace });
  const metrics = createMetrics();
  const received: Received[] = [];
  const app = createApp({
    receive: {
      routes,
      start: temporalStarter(client),
      onReceived(what) {
        received.push(what);
        metrics.count(what);
      },
    },
    temporal: temporalReachable(connection),
    metrics,
    log: createLog('gateway', 'silent'),
    bodyLimit: BODY_LIMIT,
  });
  const listener = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    client,
    received,
    port: listener.port,
    url: `http://127.0.0.1:${listener.port}`,
    async stop(): Promise<void> {
      await listener.close(0);
      await connection.close();
    },
  };
}
