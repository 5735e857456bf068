import { setTimeout as delay } from 'node:timers/promises';
import type { ParkedEventInfo } from '../../domain/parked-request.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import type { ExplainedRoute, Explanation } from '../../gateway/operator/explain.ts';
import { explainByGateway } from '../explain/explain-event.ts';
import { noStartText } from '../explain/explanation-text.ts';
import {
  errorTextOf,
  type GatewayAnswer,
  type GatewayClient,
  type GatewayRequest,
} from '../gateway-client.ts';
import { type ParkedRun, readParked } from '../parked/parked-runs.ts';
import { settleParked } from '../parked/settle-parked.ts';
import { findRun } from '../runs/describe-run.ts';
import type { TemporalClient } from '../temporal-client.ts';
import { replayRequest } from './replay-request.ts';

export interface ReplayDeps {
  readonly gateway: GatewayClient;
  readonly temporal: TemporalClient;
}

/**
 * Sends one parked request again, and closes its run if the gateway accepted the request. A 202 alone does not prove
 * that the gateway accepted the request, because a sender with `ackParked` also gets 202 for a request that is parked
 * again. So this function calls `POST /explain` first, and checks afterwards that the expected runs exist.
 * @throws GatewayUnreachable
 */
export async function replayOne(run: ParkedRun, { gateway, temporal }: ReplayDeps): Promise<ReplayResult> {
  const parked = await readParked(temporal, run);
  const request = replayRequest(parked);
  const about = { id: run.id, event: parked.event };
  const stillParkedResult = (status: number | null, reason: string): ReplayResult => ({
    ...{ ...about, outcome: 'wrong', status, reason, runs: [] },
  });

  const explained = await explainByGateway(gateway, request);
  if ('invalidReason' in explained) return stillParkedResult(null, explained.invalidReason);
  const reasonNotSent = reasonNotToSend(explained.events);
  if (reasonNotSent !== undefined) return stillParkedResult(null, reasonNotSent);

  const answer = await postWithRetry(gateway, request);
  if (answer.status === 429 || answer.status >= 500)
    return { ...stillParkedResult(answer.status, errorTextOf(answer)), outcome: 'unreachable' };
  if (answer.status !== 202) return stillParkedResult(answer.status, errorTextOf(answer));

  const starts = explained.events.flatMap(startedRoutes);
  // Only an answer for started or signalled runs has a Location.
  if (!explained.batch && starts.length > 0 && answer.headers.location === undefined)
    return stillParkedResult(202, 'the gateway acknowledged it but started nothing: it is parked again');
  const { runs, missing } = await reachedRuns(temporal, starts);
  if (missing !== undefined) {
    const { namespace, address } = temporal.target;
    const sentence = `run ${missing} does not exist in namespace ${namespace} of Temporal ${address}`;
    return stillParkedResult(202, `the gateway acknowledged it, but ${sentence}`);
  }
  await settleParked(temporal, run, { outcome: 'replayed', note: `sent again to ${gateway.target.url}` });
  const expired = explained.events.flatMap(({ routes }) => routes).find(isExpired);
  const reason = starts.length === 0 ? (expired?.reason ?? null) : null;
  return { ...about, outcome: 'sent', status: 202, reason, runs };
}

const startedRoutes = ({ routes }: Explanation): ExplainedRoute[] =>
  routes.filter(({ verdict }) => verdict === 'start');

const isExpired = ({ verdict }: ExplainedRoute): boolean => verdict === 'expired';

/** The run of a replayed event on one route. */
interface ReachedRun {
  readonly route: string;
  readonly workflowId: string;
  /** Temporal's status name. */
  readonly status: string;
}

/** The result of one replayed request. */
export interface ReplayResult {
  readonly id: string;
  readonly event: ParkedEventInfo;
  /**
   * `sent`: accepted, no longer parked. `wrong`: stays parked. `unreachable`: the gateway or Temporal did not answer.
   */
  readonly outcome: 'sent' | 'wrong' | 'unreachable';
  /** The gateway's status; null if nothing was sent. */
  readonly status: number | null;
  /** One sentence, or null. */
  readonly reason: string | null;
  readonly runs: readonly ReachedRun[];
}

/**
 * Returns why a request should not be sent: a route would reject one of its events, or no route matches. Returns
 * undefined if a route would start something, or if a route would ignore an event because it has expired.
 */
function reasonNotToSend(events: readonly Explanation[]): string | undefined {
  const routes = events.flatMap((event) => event.routes);
  const rejecting = routes.find(({ verdict }) => verdict === 'refused');
  if (rejecting !== undefined) return noStartText(rejecting);
  if (routes.some(({ verdict }) => verdict === 'start' || verdict === 'expired')) return undefined;
  const [only, ...others] = routes;
  const why = only === undefined || others.length > 0 ? '' : `: ${noStartText(only)}`;
  return `no route matches the event${why}`;
}

/**
 * Returns the current state of the runs with the ids that the gateway named, or the id that is `missing`. Reads them
 * by id, because Temporal's lists lag behind a start by some milliseconds.
 */
async function reachedRuns(
  temporal: TemporalClient,
  starts: readonly ExplainedRoute[],
): Promise<{ runs: readonly ReachedRun[]; missing?: string }> {
  const runs: ReachedRun[] = [];
  for (const { route, workflowId = '' } of starts) {
    const run = await findRun(temporal, workflowId);
    if (run === undefined) return { runs, missing: workflowId };
    runs.push({ route, workflowId, status: run.status.name });
  }
  return { runs };
}

/** Upper bound for the sum of all waits, in milliseconds. */
const MAX_TOTAL_WAIT_MS = 30_000;
const DEFAULT_WAIT_MS = 2_000;
const MIN_WAIT_MS = 100;

/** Posts a request. Retries on 429 and 503 after `Retry-After`, for up to 30 s. Returns the last answer. */
export async function postWithRetry(gateway: GatewayClient, request: GatewayRequest): Promise<GatewayAnswer> {
  for (let waited = 0; ; ) {
    const answer = await gateway.send(request);
    const wait = retryWaitMs(answer);
    if (wait === undefined || waited + wait > MAX_TOTAL_WAIT_MS) return answer;
    await delay(wait);
    waited += wait;
  }
}

function retryWaitMs({ status, headers }: GatewayAnswer): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const requestedMs = retryAfterMs(headers['retry-after'], Date.now(), Number.POSITIVE_INFINITY);
  return requestedMs === undefined ? DEFAULT_WAIT_MS : Math.max(requestedMs, MIN_WAIT_MS);
}
