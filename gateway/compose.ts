import type { RequestListener } from 'node:http';
import type { Client, Connection } from '@temporalio/client';
import { workflowTypes } from '../domain/names.ts';
import type { Log } from '../runtime/log.ts';
import { createApp } from './app.ts';
import type { GatewayConfig } from './config.ts';
import { temporalDelivery } from './delivery/deliver.ts';
import { createMetrics } from './metrics.ts';
import { findRuns } from './operator/find-runs.ts';
import { operators } from './operator/operator.ts';
import { capacityOf } from './parking/capacity.ts';
import { temporalParking } from './parking/park.ts';
import { temporalReachable } from './readiness.ts';
import { deliveryOfAll } from './receive/deliver-all.ts';
import type { Received } from './receive/received.ts';
import type { RoutesFile } from './routes/load-routes.ts';
import { noTracing, type Tracing } from './tracing/tracing.ts';

export interface GatewayParts extends RoutesFile {
  readonly config: GatewayConfig;
  readonly client: Client;
  readonly connection: Connection;
  readonly log: Log;
  readonly tracing?: Tracing;
  readonly draining: () => boolean;
  /** Told beside log and metrics. */
  readonly onReceived?: (received: Received) => void;
}

const PARKED = `WorkflowType = '${workflowTypes.parkedEvent}' AND ExecutionStatus = 'Running'`;

/** Puts the gateway together: an app that takes events towards one Temporal namespace. */
export function composeGateway(parts: GatewayParts): RequestListener {
  const { config, client, routes, sources, log, draining, tracing = noTracing } = parts;
  const isOperator = operators(config.apiTokens, config.host === 'loopback');
  const capacity = capacityOf(config.parkedLimit, async () => (await client.workflow.count(PARKED)).count);
  const metrics = createMetrics();
  const onReceived = (received: Received): void => {
    const { event, reason, ...what } = received;
    metrics.count(what);
    tracing.note(received);
    const { id, source, type } = event ?? {};
    const about = { ceId: cut(id), ceSource: cut(source), ceType: cut(type), reason: cut(reason, 1_000) };
    // After the answer, which waits for everything that is done now.
    setImmediate(() => log.info({ ...what, ...about }, what.outcome));
    parts.onReceived?.(received);
  };
  return createApp({
    receive: {
      ...{ routes, sources, deliverAll: deliveryOfAll(temporalDelivery(client), onReceived) },
      // A gateway without tokens has no operators on its sink: everybody is held against the sources.
      isOperator: config.apiTokens.length === 0 ? () => false : isOperator,
      park: temporalParking(client, { capacity, maxBytes: config.parkedBytes }),
      onReceived,
    },
    operator: { isOperator, routes, sources, findRuns: (event) => findRuns(client, event) },
    temporal: temporalReachable(parts.connection),
    limits: { bodyBytes: config.bodyLimit, inFlight: config.inFlight },
    loopback: config.host === 'loopback',
    ...{ metrics, tracing, log, draining },
  });
}

/** A sender's value for the log: a megabyte of it would be a megabyte of log. */
const cut = (text: string | undefined, characters = 255): string | undefined =>
  text !== undefined && text.length > characters ? `${text.slice(0, characters)}…` : text;
