import type { IncomingMessage, RequestListener } from 'node:http';
import type { Client } from '@temporalio/client';
import express, { type ErrorRequestHandler } from 'express';
import type { StalenessLimits } from '../domain/weather/staleness.ts';
import type { Log } from '../runtime/log.ts';
import { foreignHostProblem } from '../runtime/loopback-host.ts';
import type { AlertDeps } from './alerts/alert-deps.ts';
import { boundedAlertStore } from './alerts/alert-store.ts';
import { channelRoutes } from './alerts/channel-routes.ts';
import { deliveryRoutes } from './alerts/delivery-routes.ts';
import { subscriptionActions } from './alerts/subscription-actions.ts';
import { subscriptionRoutes } from './alerts/subscription-routes.ts';
import { boundedReads, type StoreReads } from './bounded-reads.ts';
import { cityRoutes } from './city-routes.ts';
import { forecastRoutes } from './forecast-routes.ts';
import { answerLegacy, isLegacy, LEGACY_PATH, originForm } from './legacy-query.ts';
import { createApiMetrics } from './metrics.ts';
import { notFound, readOpenApiDocument, requireKnownPath } from './openapi-document.ts';
import { createValidation, routeOf } from './openapi-validation.ts';
import { operatorRoutes } from './operator-routes.ts';
import { Problem, sendProblem, toProblem } from './problem.ts';
import { requireTokens } from './require-token.ts';
import { createRunCursors } from './run-cursor.ts';
import { runRoutes } from './run-routes.ts';

export interface ApiDeps extends StalenessLimits {
  readonly store: StoreReads;
  readonly client: Client;
  readonly log: Log;
  readonly alerts: AlertDeps;
  /** Tokens for reading and changing. */
  readonly apiTokens: readonly string[];
  /** Tokens for reading only. */
  readonly apiReadTokens: readonly string[];
  /** True if an api on loopback needs no token for reading, although it has tokens. */
  readonly openReads: boolean;
  /** Tokens for `/metrics`. */
  readonly metricsTokens: readonly string[];
  /** True if the api listens only on loopback. */
  readonly loopback: boolean;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
  /** True after SIGTERM. The process still answers requests, and closes connections. */
  readonly draining: () => boolean;
  /** Also validates answers against the OpenAPI document. */
  readonly validateResponses?: boolean;
}

/**
 * Limits for reads of the store. A row takes about 10 KB of memory while it is read. An answer may take two seconds.
 * The limit for waiting reads is low, so that all of them can complete within this time.
 */
const READ_LIMITS = { parallel: { reads: 64, rows: 1_100 }, waiting: { reads: 512, rows: 4_400 } };

/** Creates the api, without listening. */
export function createApi(deps: ApiDeps): RequestListener {
  const { client, log, staleAfterMs, issueStaleAfterMs, clock, draining } = deps;
  const metrics = createApiMetrics();
  const store = boundedReads(deps.store, { ...READ_LIMITS, onRead: metrics.observeRead });
  const document = readOpenApiDocument();
  const cursors = createRunCursors(deps.apiTokens);
  const { handlers, onError } = createValidation(document, {
    ...{ validateResponses: deps.validateResponses ?? false, cursors },
  });
  // An api with tokens can be behind a proxy on the same machine, which passes on the name of the public host. So its
  // requests can have any host.
  const hasTokens = deps.apiTokens.length > 0 || deps.apiReadTokens.length > 0;
  const localOnly = deps.loopback && (!hasTokens || deps.openReads);
  const hostProblem = ({ headers }: IncomingMessage): string | undefined =>
    localOnly ? foreignHostProblem(headers) : undefined;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((req, res, next) => {
    metrics.timeRequest(res, () => routeOf(req) ?? 'none');
    next();
  });
  app.use((req, _res, next) => {
    const problem = hostProblem(req);
    next(problem === undefined ? undefined : new Problem('foreign-host', problem));
  });
  app.use(requireKnownPath(document));
  app.use([...handlers]);
  app.use(
    operatorRoutes({ document, store: deps.store, metrics, draining, metricsTokens: deps.metricsTokens }),
  );
  app.use(cityRoutes());
  app.use(forecastRoutes({ store, staleAfterMs, issueStaleAfterMs, clock }));
  const { apiTokens, apiReadTokens: readTokens } = deps;
  const tokens = requireTokens({ apiTokens, readTokens, openReads: localOnly });
  app.use(runRoutes({ client, store, cursors, tokenRequired: tokens.toRead }));
  const alertStore = boundedAlertStore(deps.alerts.store, metrics.observeRead);
  const alerts = { ...deps.alerts, store: alertStore, tokens, draining, clock };
  app.use(channelRoutes(alerts));
  app.use(subscriptionRoutes(alerts));
  app.use(subscriptionActions(alerts));
  app.use(deliveryRoutes(alerts));
  app.use(notFound);
  app.use(onError);
  const sendErrors: ErrorRequestHandler = (error, req, res, next) => {
    if (res.headersSent) return next(error);
    const problem = toProblem(error);
    // Problems that the api answers on purpose, such as `busy`, can come in thousands. A log line for each would cost
    // more than the answer. Metrics count them.
    if (problem.status >= 500 && problem !== error && problem.kind !== 'busy')
      log[problem.kind === 'internal' ? 'error' : 'warn']({ err: error }, problem.message);
    if (!res.destroyed) sendProblem(res, problem, req.path);
  };
  app.use(sendErrors);
  return (req, res) => {
    if (draining()) res.setHeader('Connection', 'close');
    req.url = originForm(req.url ?? '');
    // The validator checks no bodies. It would read this header in quadratic time, and keep a validator for each value.
    // `readJsonBody` reads the header as it was sent.
    delete req.headers['content-type'];
    if (!isLegacy(req) || hostProblem(req) !== undefined) return app(req, res);
    // The legacy path skips all checks, because the original service accepted every request.
    metrics.timeRequest(res, () => LEGACY_PATH);
    void answerLegacy(req, res, store);
  };
}
