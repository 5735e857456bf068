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
import { type OperatorDeps, operatorRoutes, operators } from './operator/operator-routes.ts';
import type { ReceiveDeps } from './receive/receive.ts';
import type { RoutesFile } from './routes/load-routes.ts';
import { createSinkQueue, isSink, type SinkLimits, sinkRoutes } from './sink.ts';
import { noTracing, type Tracing } from './tracing.ts';

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
    reachable: temporalReachable(parts.connection),
    limits: { bodyBytes: config.bodyLimit, inFlight: config.inFlight },
    loopback: config.host === 'loopback',
    ...{ metrics, tracing, log, draining },
  });
}

/** A sender's value for the log: a megabyte of it would be a megabyte of log. */
const cut = (text: string | undefined, characters = 255): string | undefined =>
  text !== undefined && text.length > characters ? `${text.slice(0, characters)}…` : text;

export interface AppDeps {
  readonly receive: ReceiveDeps;
  readonly operator: OperatorDeps;
  /** Whether Temporal can be reached. */
  readonly reachable: () => Promise<boolean>;
  readonly metrics: GatewayMetrics;
  readonly tracing: Tracing;
  readonly log: Log;
  readonly limits: SinkLimits;
  /** Whether it listens on loopback only. */
  readonly loopback: boolean;
  /** Whether the process is about to stop: it still takes what comes, and asks for no more. */
  readonly draining: () => boolean;
}

/** The gateway, which does not listen yet: which path does what. */
export function createApp(deps: AppDeps): RequestListener {
  const { reachable, metrics, log, limits, draining } = deps;
  const queue = createSinkQueue(limits);
  metrics.observePending(() => queue.pending);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(metrics.timing);
  app.use(deps.tracing.span);
  app.use((_req, res, next) => {
    if (draining()) res.set('Connection', 'close');
    next();
  });
  if (deps.loopback) app.use(noForeignPages);
  app.use(sinkRoutes(deps.receive, metrics, limits, queue));
  if (deps.loopback) app.use(['/events', '/explain'], noForeignHosts);
  app.use(operatorRoutes(deps.operator, limits));
  const notReady = async (): Promise<string | undefined> => {
    if (draining()) return 'the gateway is stopping';
    return (await reachable()) ? undefined : 'Temporal cannot be reached';
  };
  app.use(healthHandler({ notReady, metrics: metrics.registry }));
  app.use((_req, res) =>
    answer(res, { status: 404, error: 'there is nothing here; events go to /, /events or /unzip' }),
  );

  const failed: ErrorRequestHandler = (error: { status?: number; message?: string }, _req, res, next) => {
    if (res.headersSent) return next(error);
    const { status, message = '' } = error;
    if (status === 413) return answer(res, { status, error: `the body is over ${limits.bodyBytes} bytes` });
    // What express itself refuses: a path or a body that it cannot decode.
    if (status === 400 || status === 415) return answer(res, { status, error: message });
    log.error({ err: error }, 'a request failed');
    answer(res, { status: 500, error: 'the gateway failed' });
  };
  app.use(failed);
  const onShed = (seconds: number): void => {
    metrics.count({ outcome: 'deferred' });
    metrics.observe(429, seconds);
  };
  return shedding(app, { full: () => queue.isFull(), isSink, onShed });
}
