import type { Client } from '@temporalio/client';
import { Counter, type Registry } from 'prom-client';
import type { AlertDeps } from '../activities/alerts/alert-deps.ts';
import { createChannelHttp } from '../adapters/channels/channel-http.ts';
import { channelKinds } from '../adapters/channels/channel-kinds.ts';
import { httpEventSink, logEventSink } from '../adapters/events/event-sinks.ts';
import { createMissingTables } from '../adapters/tablestore/create-missing-tables.ts';
import { createTablestoreStore } from '../adapters/tablestore/tablestore-store.ts';
import { temporalAlertRuns } from '../adapters/temporal/alert-runs.ts';
import { InvalidInput } from '../domain/errors.ts';
import { configuredTables } from '../domain/table-definitions.ts';
import type { ChannelSettings } from '../ports/channel.ts';
import type { Log } from '../runtime/log.ts';
import { createSealer } from '../runtime/sealed-text.ts';
import type { TablestoreConfig } from '../runtime/tablestore-config.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import type { WorkerConfig } from './config.ts';

/** The dependencies that the alert activities have in production, with a function that closes them. */
export interface CloseableAlertDeps {
  readonly deps: AlertDeps;
  close(): void;
}

/**
 * Creates the dependencies of the alert activities. If the alerts are not configured, returns the reason. Then this worker
 * does not run them.
 */
export function createAlertDeps(
  config: WorkerConfig,
  tablestore: TablestoreConfig | undefined,
  { client, registry, log }: { client: Client; registry: Registry; log: Log },
): CloseableAlertDeps | string {
  if (tablestore === undefined) return 'TABLESTORE_ENDPOINT is not set';
  if (config.channelKeys.length === 0) return 'SLUICE_CHANNEL_KEYS is not set';
  const { endpoint = '', instance } = tablestore;
  const credentials = tablestoreCredentials(tablestore, (message) => log.warn(message));
  const settings = { endpoint, instance, credentials };
  const store = createTablestoreStore(settings);
  const privateOrigins = config.channelOrigins;
  const http = createChannelHttp(privateOrigins);
  const sealer = createSealer(config.channelKeys);
  const sink = config.eventsSink ?? config.knativeSink;
  const context = { http, privateOrigins, clock: Date.now };
  return {
    deps: {
      ...{ store, log, runs: temporalAlertRuns(client), clock: Date.now },
      events: sink === undefined ? logEventSink(log) : httpEventSink(sink),
      openChannel({ channelId, kind, sealed }) {
        const known = channelKinds[kind];
        if (known === undefined)
          throw new InvalidInput(
            'UnknownChannelKind',
            `channel ${channelId}: kind is ${kind}, which is unknown`,
          );
        const opened = JSON.parse(sealer.open(sealed, channelId)) as ChannelSettings;
        return { channel: known.create(opened, context), keyword: opened.keyword };
      },
      createMissingTables: () => createMissingTables(settings, configuredTables(config)),
      deliveryCounter: new Counter({
        name: 'sluice_alert_deliveries_total',
        help: 'Rows of the ledger that reached this status.',
        labelNames: ['status'],
        registers: [registry],
      }),
    },
    close() {
      store.close();
      http.close();
    },
  };
}
