import type { RequestListener } from 'node:http';
import type { Client, Connection } from '@temporalio/client';
import express, { type ErrorRequestHandler } from 'express';
import type { ParkedEventInfo } from '../domain/parked-request.ts';
import { workflowTypes } from '../domain/temporal-contract.ts';
import { healthHandler } from '../runtime/health.ts';
import type { Log } from '../runtime/log.ts';
import { isLoopbackAddress } from '../runtime/loopback-host.ts';
import type { GatewayConfig } from './config.ts';
import { addEventRoutes, createEventQueue, isEventRequest } from './event-endpoint.ts';
import { rejectCrossSiteRequests, rejectForeignHostHeader } from './http/browser-protection.ts';
import { withLoadShedding } from './http/load-shedding.ts';
import { sendReply } from './http/replies.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { findRuns } from './operator/find-runs.ts';
import { createOperatorCheck, operatorRoutes } from './operator/operator-routes.ts';
import { createRecentResults, type RecentResults } from './operator/recent-results.ts';
import { replayEndpoint } from './operator/replay-endpoint.ts';
import type { ReceiveDeps } from './receive/receive-events.ts';
import type { RoutesFile } from './routes/load-routes.ts';
import { createDeliverAll, createTemporalDelivery } from './temporal/deliver-events.ts';
import type { EventResult } from './temporal/event-result.ts';
import { createParkingCapacity, createTemporalParking } from './temporal/park-request.ts';
import { createReadiness } from './temporal/readiness.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface GatewayParts extends RoutesFile {
  readonly config: GatewayConfig;
  readonly client: Client;
  readonly connection: Connection;
  readonly log: Log;
  readonly tracing?: Tracing;
  /**
   * True after the process has begun to stop. The gateway then still accepts requests, but closes each connection after
   * its next answer.
   */
  readonly draining: () => boolean;
  /** Returns why the gateway is not ready. Default: the function that `createReadiness` creates. */
  readonly notReady?: () => Promise<string | undefined>;
  /** Called for every result, in addition to the log and the metrics. */
  readonly onResult?: (result: EventResult) => void;
}

/** Creates the gateway's request handler for one Temporal namespace. Does not listen. */
export function createGateway(parts: GatewayParts): RequestListener {
  const { config, client, routes, senders, log, draining, tracing = noTracing } = parts;
  const metrics = createGatewayMetrics();
  const limits = { bodyBytes: config.bodyLimit, inFlight: config.inFlight };
  const queue = createEventQueue(limits);
  metrics.observePending(() => queue.pending);
  const loopback = config.host === 'loopback';
  const isOperator = createOperatorCheck(config.apiTokens, loopback);
  const notReady = parts.notReady ?? createReadiness(parts);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(metrics.timeRequests);
  if (tracing !== noTracing) app.use(tracing.traceRequest);
  app.use((_req, res, next) => {
    if (draining()) res.set('Connection', 'close');
    next();
  });
  if (isLoopbackAddress(config.host)) app.use(rejectCrossSiteRequests);
  // Without API tokens, no request for events counts as one of an operator: it must have the credentials of a sender.
  const isTrusted = config.apiTokens.length === 0 ? () => false : isOperator;
  const recent = createRecentResults();
  const receiveDeps = createReceiveDeps({ ...parts, recent }, metrics, isTrusted);
  addEventRoutes(app, receiveDeps, metrics, limits, queue);
  if (loopback) app.use(['/events', '/explain', '/parked'], rejectForeignHostHeader);
  const onReplayAsOperator = (parked: string): void =>
    log.warn({ parked }, 'an operator replays a parked request without the authorisation of its sender');
  const operatorDeps = {
    ...{ isOperator, routes, senders, recent, findRuns: findRuns.bind(undefined, client) },
    replay: replayEndpoint({ ...receiveDeps, client, queue, isTrusted, onReplayAsOperator }),
  };
  app.use(operatorRoutes(operatorDeps, limits));
  app.use(healthHandler({ notReady, metrics: metrics.registry, metricsTokens: config.metricsTokens }));
  app.use((_req, res) =>
    sendReply(res, { status: 404, error: 'unknown path; send events by POST to /, /events or /unzip' }),
  );
  app.use(errorHandler(log, limits.bodyBytes));
  const onShed = (seconds: number): void => {
    metrics.countOutcome({ outcome: 'deferred' });
    metrics.observeRequest(429, seconds);
  };
  return withLoadShedding(app, { isFull: () => queue.isFull(), isEventRequest, onShed });
}

const OPEN_PARKED_RUNS = `WorkflowType = '${workflowTypes.parkedEvent}' AND ExecutionStatus = 'Running'`;

function createReceiveDeps(
  {
    config,
    client,
    routes,
    senders,
    log,
    recent,
    tracing = noTracing,
    ...parts
  }: GatewayParts & { readonly recent: RecentResults },
  metrics: GatewayMetrics,
  isOperator: ReceiveDeps['isOperator'],
): ReceiveDeps {
  const onResult = (eventResult: EventResult): void => {
    const { event, reason, ...result } = eventResult;
    metrics.countOutcome(result);
    recent.add(eventResult);
    tracing.recordResult(eventResult);
    const details = { ...loggedContext(event), reason: truncate(reason, 1_000) };
    // The log write must not delay the answer.
    setImmediate(() => log.info({ ...result, ...details }, result.outcome));
    parts.onResult?.(eventResult);
  };
  const capacity = createParkingCapacity(
    config.parkedLimit,
    async () => (await client.workflow.count(OPEN_PARKED_RUNS)).count,
  );
  const onOperatorEvent: ReceiveDeps['onOperatorEvent'] = (event) =>
    log.info(loggedContext(event), 'an operator sends an event, which needs no authorisation of its sender');
  return {
    ...{ routes, senders, isOperator, onOperatorEvent, onResult },
    deliverAll: createDeliverAll(createTemporalDelivery(client), onResult),
    park: createTemporalParking(client, { capacity, maxBytes: config.parkedBytes }),
  };
}

/** The attributes of an event that the log contains. */
const loggedContext = ({ id, source, type }: ParkedEventInfo = {}) => ({
  ceId: truncate(id),
  ceSource: truncate(source),
  ceType: truncate(type),
});

/** Shortens a text from a request for the log. */
const truncate = (text: string | undefined, characters = 255): string | undefined =>
  text !== undefined && text.length > characters ? `${text.slice(0, characters)}…` : text;

/**
 * Answers the errors of Express itself, such as a path or body that Express cannot decode. Any other error is a bug.
 */
function errorHandler(log: Log, bodyBytes: number): ErrorRequestHandler {
  return (error: { status?: number; message?: string }, _req, res, next) => {
    if (res.headersSent) return next(error);
    const { status, message = '' } = error;
    if (status === 413)
      return sendReply(res, { status, error: `the body is larger than ${bodyBytes} bytes` });
    if (status === 400 || status === 415) return sendReply(res, { status, error: message });
    log.error({ err: error }, 'a request failed');
    sendReply(res, { status: 500, error: 'internal error of the gateway' });
  };
}
