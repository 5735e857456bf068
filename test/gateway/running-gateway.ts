import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { createGateway } from '../../gateway/app.ts';
import { loadGatewayConfig } from '../../gateway/config.ts';
import { loadRoutes } from '../../gateway/routes/load-routes.ts';
import type { EventResult } from '../../gateway/temporal/event-result.ts';
import { listen } from '../../runtime/listen.ts';
import { createLog } from '../../runtime/log.ts';
import { temporalConnection } from '../../runtime/temporal-connection.ts';

/** The shipped routes file. */
export const shippedRoutes = fileURLToPath(new URL('../../../gateway/routes.yaml', import.meta.url));

/** The body limit of the tests' gateway in bytes: the minimum of SLUICE_BODY_LIMIT. */
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

/** Options of a test that replace the defaults. */
export interface GatewayOptions {
  readonly namespace?: string;
  /** Replaces the routes file above. The shipped routes file is always read. */
  readonly routes?: string;
  /** Environment variables of the gateway. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Reads the shipped routes and the routes in a text. */
export function routesOf(text: string, env: Readonly<Record<string, string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-gateway-'));
  const file = join(dir, 'routes.yaml');
  try {
    writeFileSync(file, text);
    return loadRoutes([shippedRoutes, file], (name) => env[name]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Creates the parts of a gateway with the shipped routes and the routes above, for a Temporal server. */
export function gatewayParts(temporal: string, options: GatewayOptions = {}) {
  const { namespace = 'default', routes = ROUTES, env = {} } = options;
  const config = loadGatewayConfig({
    ...{ SLUICE_HOST: 'loopback', SLUICE_BODY_LIMIT: String(BODY_LIMIT) },
    ...env,
  });
  const connection = temporalConnection({ address: temporal }, 4);
  const client = new Client({ connection, namespace });
  const log = createLog('gateway', 'silent');
  return {
    parts: { ...routesOf(routes, env), ...{ config, client, connection, log, draining: () => false } },
    stop: () => connection.close(),
  };
}

/** Starts a gateway with these parts on a port of 127.0.0.1. */
export async function startGateway(temporal: string, options: GatewayOptions = {}) {
  const { parts, stop } = gatewayParts(temporal, options);
  const received: EventResult[] = [];
  let draining = false;
  const app = createGateway({
    ...parts,
    draining: () => draining,
    onResult: (result) => received.push(result),
  });
  const listener = await listen(app, {
    ...{ host: '127.0.0.1', port: 0 },
    maxBodyBytes: parts.config.bodyLimit,
  });
  return {
    client: parts.client,
    received,
    port: listener.port,
    url: `http://127.0.0.1:${listener.port}`,
    drain(): void {
      draining = true;
    },
    async stop(): Promise<void> {
      await listener.close(0);
      await stop();
    },
  };
}
