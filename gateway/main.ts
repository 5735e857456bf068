import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { listen } from '../runtime/listen.ts';
import { isLoopbackAddress } from '../runtime/loopback-host.ts';
import { type RunningProcess, runProcess } from '../runtime/run-process.ts';
import { temporalConnection } from '../runtime/temporal-connection.ts';
import { createGateway } from './app.ts';
import { environmentVariable, gatewayConfig } from './config.ts';
import { loadRoutes } from './routes/load-routes.ts';
import { createReadiness } from './temporal/readiness.ts';
import { loadTracing } from './tracing.ts';

/** The routes that ship with Sluice. This path is relative to the compiled file in `dist/`. */
const shippedRoutes = fileURLToPath(new URL('../../gateway/routes.yaml', import.meta.url));

/** The maximum number of attempts of a call to Temporal. More attempts would not end within a sender's deadline. */
const MAX_CALL_ATTEMPTS = 4;

/**
 * How long requests in flight may take after the gateway has stopped accepting requests. The gateway answers within
 * four seconds of a request's last byte.
 */
const GRACE_MS = 10_000;

await runProcess('gateway', async (log): Promise<RunningProcess> => {
  const config = gatewayConfig();
  log.level = config.logLevel;
  const files = [shippedRoutes, ...(config.routes === undefined ? [] : [config.routes])];
  const routesFile = loadRoutes(files, environmentVariable);
  if (routesFile.senders.length === 0 && !isLoopbackAddress(config.host))
    log.warn(
      { host: config.host },
      'the routes file has no sources, so every client that reaches this address can start workflows',
    );
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = temporalConnection(connectionOptions, MAX_CALL_ATTEMPTS);
  const tracing = await loadTracing(config.tracing);
  const client = new Client({ connection, namespace, interceptors: { workflow: [...tracing.interceptors] } });
  let draining = false;
  const parts = { ...routesFile, config, client, connection, log, tracing };
  const notReady = createReadiness({ ...parts, draining: () => draining });
  const app = createGateway({ ...parts, notReady, draining: () => draining });
  const listener = await listen(app, {
    host: config.host,
    port: config.port,
    maxBodyBytes: config.bodyLimit,
  });
  // The log shows a namespace that is not set up, even if no client asks for the readiness.
  const firstCheck = notReady();
  return {
    endpoints: { gateway: `http://127.0.0.1:${listener.port}` },
    async stop() {
      draining = true;
      await wait(config.drainMs);
      await listener.close(GRACE_MS);
      await firstCheck;
      await connection.close();
      await tracing.stop();
    },
  };
});
