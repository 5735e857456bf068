import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { listen } from '../runtime/listen.ts';
import { type Running, runProcess } from '../runtime/run-process.ts';
import { createApp } from './app.ts';
import { gatewayConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { temporalReachable } from './readiness.ts';
import { loadRoutes } from './routes/load-routes.ts';
import { temporalStarter } from './starter.ts';
import { temporalConnection } from './temporal-connection.ts';

/** The file of the three jobs, beside the sources, from which `dist/` is one folder further away. */
const shippedRoutes = fileURLToPath(new URL('../../gateway/routes.yaml', import.meta.url));

await runProcess('gateway', async (log): Promise<Running> => {
  const config = gatewayConfig();
  log.level = config.logLevel;
  const routes = loadRoutes([shippedRoutes, ...(config.routes === undefined ? [] : [config.routes])]);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = temporalConnection(connectionOptions);
  const metrics = createMetrics();
  const app = createApp({
    receive: {
      routes,
      start: temporalStarter(new Client({ connection, namespace })),
      onReceived({ event, ...what }) {
        metrics.count(what);
        log.info({ ...what, ceId: event?.id, ceSource: event?.source, ceType: event?.type }, what.outcome);
      },
    },
    temporal: temporalReachable(connection),
    metrics,
    log,
    bodyLimit: config.bodyLimit,
  });
  // Longer than the clients keep their connections, so that none is closed under a request.
  const options = { keepAliveTimeout: 65_000, requestTimeout: 30_000, headersTimeout: 10_000 };
  const listener = await listen(app, { host: config.host, port: config.port, options });
  return {
    endpoints: { gateway: `http://127.0.0.1:${listener.port}` },
    async stop() {
      await listener.close(5_000);
      await connection.close();
    },
  };
});
