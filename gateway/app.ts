import type { RequestListener } from 'node:http';
import type { Client, Connection } from '@temporalio/client';
import express, { type ErrorRequestHandler } from 'express';
import { workflowTypes } from '../domain/names.ts';
import { healthHandler } from '../runtime/health.ts';
import type { Log } from '../runtime/log.ts';
import { temporalReachable } from '../runtime/temporal-connection.ts';
import type { GatewayConfig } from './config.ts';
import { deliveryOfAll, temporalDelivery } from './delivery/deliver.ts';
import type { Received } from './delivery/outcome.ts';
import { capacityOf, temporalParking } from './delivery/park.ts';
import { answer } from './http/answers.ts';
import { noForeignHosts, noForeignPages } from './http/foreign-pages.ts';
import { shedding } from './http/overload.ts';
import { createMetrics, type GatewayMetrics } from './metrics.ts';
import { findRuns } from './operator/find-runs.ts';
import { operatorRoutes, operators } from './operator/operator-routes.ts';
import type { ReceiveDeps } from './receive/receive.ts';
import type { RoutesFile } from './routes/load-routes.ts';
import { createSinkQueue, isSink, sinkRoutes } from './sink.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface GatewayParts extends RoutesFile {
  readonly config: GatewayConfig;
  readonly client: Client;
  readonly connection: Connection;
  readonly log: Log;
  readonly tracing?: Tracing;
  /** Whether the process is about to stop: it still takes what comes, and asks for no more. */
  readonly draining: () => boolean;
  /** Told beside log and metrics. */
  readonly onReceived?: (received: Received) => void;
}

/** Puts the gateway together, which does not listen yet: which path does what, towards one Temporal namespace. */
export function createGateway(parts: GatewayParts): RequestListener {
  const { config, client, routes, sources, log, draining, tracing = noTracing } = parts;
  const metrics = createMetrics();
  const limits = { bodyBytes: config.bodyLimit, inFlight: config.inFlight };
  const queue = createSinkQueue(limits);
  metrics.observePending(() => queue.pending);
  const loopback = config.host === 'loopback';
  const isOperator = operators(config.apiTokens, loopback);
  const reachable = temporalReachable(parts.connection);
  const notReady = async (): Promise<string | undefined> => {
    if (draining()) return 'the gateway is stopping';
    return (await reachable()) ? undefined : 'Temporal cannot be reached';
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(metrics.timing);
  app.use(tracing.span);
  app.use((_req, res, next) => {
    if (draining()) res.set('Connection', 'close');
    next();
  });
  if (loopback) app.use(noForeignPages);
  // A gateway without tokens has no operators on its sink: everybody is held against the sources.
  const isTrusted = config.apiTokens.length === 0 ? () => false : isOperator;
  app.use(sinkRoutes(receiveDeps(parts, metrics, isTrusted), metrics, limits, queue));
  if (loopback) app.use(['/events', '/explain'], noForeignHosts);
  const operator = { isOperator, routes, sources, findRuns: findRuns.bind(undefined, client) };
  app.use(operatorRoutes(operator, limits));
  app.use(healthHandler({ notReady, metrics: metrics.registry }));
  app.use((_req, res) =>
    answer(res, { status: 404, error: 'there is nothing here; events go to /, /events or /unzip' }),
  );
  app.use(failing(log, limits.bodyBytes));
  const onShed = (seconds: number): void => {
    metrics.count({ outcome: 'deferred' });
    metrics.observe(429, seconds);
  };
  return shedding(app, { full: () => queue.isFull(), isSink, onShed });
}

const PARKED = `WorkflowType = '${workflowTypes.parkedEvent}' AND ExecutionStatus = 'Running'`;

function receiveDeps(
  { config, client, routes, sources, log, tracing = noTracing, ...parts }: GatewayParts,
  metrics: GatewayMetrics,
  isOperator: ReceiveDeps['isOperator'],
): ReceiveDeps {
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
  const capacity = capacityOf(config.parkedLimit, async () => (await client.workflow.count(PARKED)).count);
  return {
    ...{ routes, sources, isOperator, onReceived },
    deliverAll: deliveryOfAll(temporalDelivery(client), onReceived),
    park: temporalParking(client, { capacity, maxBytes: config.parkedBytes }),
  };
}

/** A sender's value for the log: a megabyte of it would be a megabyte of log. */
const cut = (text: string | undefined, characters = 255): string | undefined =>
  text !== undefined && text.length > characters ? `${text.slice(0, characters)}…` : text;

/** Answers what express itself refuses, such as a path or a body that it cannot decode; anything else is our bug. */
function failing(log: Log, bodyBytes: number): ErrorRequestHandler {
  return (error: { status?: number; message?: string }, _req, res, next) => {
    if (res.headersSent) return next(error);
    const { status, message = '' } = error;
    if (status === 413) return answer(res, { status, error: `the body is over ${bodyBytes} bytes` });
    if (status === 400 || status === 415) return answer(res, { status, error: message });
    log.error({ err: error }, 'a request failed');
    answer(res, { status: 500, error: 'the gateway failed' });
  };
}
