import { setTimeout as wait } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { channelKinds } from '../adapters/channels/channel-kinds.ts';
import { createTablestoreStore } from '../adapters/tablestore/tablestore-store.ts';
import { temporalAlertRuns } from '../adapters/temporal/alert-runs.ts';
import { listen } from '../runtime/listen.ts';
import { type RunningProcess, runProcess } from '../runtime/run-process.ts';
import { createSealer } from '../runtime/sealed-text.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import { temporalConnection } from '../runtime/temporal-connection.ts';
import { createAlertSignals, SIGNAL_TIMEOUT_MS } from './alerts/alert-signals.ts';
import { createApi } from './app.ts';
import { apiConfig } from './config.ts';

/** A read and its retries take at most two seconds together. */
const STORE_OPTIONS = { maxSockets: 64, tryMs: 1_800, totalMs: 1_900 };

/**
 * The maximum number of attempts of a call to Temporal. Temporal refuses a signal for some milliseconds while a run ends. The
 * caller of the api repeats a request after longer outages.
 */
const MAX_CALL_ATTEMPTS = 3;

/** After SIGTERM, requests in progress may take this long. Only the deletion of a channel may need more time. */
const GRACE_MS = 5_000;

await runProcess('api', async (log): Promise<RunningProcess> => {
  const { tablestore, ...config } = apiConfig();
  log.level = config.logLevel;
  const { endpoint = '', instance } = tablestore;
  const credentials = tablestoreCredentials(tablestore, (sentence) => log.warn(sentence));
  const store = createTablestoreStore({ endpoint, instance, credentials, ...STORE_OPTIONS });
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = temporalConnection(connectionOptions, MAX_CALL_ATTEMPTS);
  const client = new Client({ connection, namespace });
  let draining = false;
  const api = createApi({
    ...{ store, client, log, clock: Date.now, draining: () => draining },
    ...{ apiTokens: config.apiTokens, apiReadTokens: config.apiReadTokens },
    ...{ metricsTokens: config.metricsTokens, openReads: config.openReads === 'on' },
    alerts: {
      ...{ store, channelKinds, privateOrigins: config.channelOrigins },
      sealer: createSealer(config.channelKeys),
      signals: createAlertSignals(
        client,
        temporalAlertRuns(client, { timeoutMs: SIGNAL_TIMEOUT_MS }),
        Date.now,
      ),
    },
    loopback: config.host === 'loopback',
    ...{ staleAfterMs: config.staleAfterMs, issueStaleAfterMs: config.issueStaleAfterMs },
  });
  const listener = await listen(api, { host: config.host, port: config.port });
  return {
    endpoints: { api: `http://127.0.0.1:${listener.port}` },
    async stop() {
      draining = true;
      await wait(config.drainMs);
      await listener.close(GRACE_MS);
      store.close();
      await connection.close();
    },
  };
});
