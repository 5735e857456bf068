import { setTimeout as delay } from 'node:timers/promises';
import type { ParkedEventInfo } from '../../domain/parked-request.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import type { Replayed } from '../../gateway/receive/replay-parked.ts';
import {
  assertOk,
  errorTextOf,
  type GatewayAnswer,
  type GatewayClient,
  type GatewayRequest,
} from '../gateway-client.ts';
import type { ParkedRun } from '../parked/parked-runs.ts';
import { findRun } from '../runs/describe-run.ts';
import type { TemporalClient } from '../temporal-client.ts';

export interface ReplayDeps {
  readonly gateway: GatewayClient;
  readonly temporal: TemporalClient;
  /** Sends the events as the operator's own, without the authorisation of their sender. */
  readonly asOperator: boolean;
}

/**
 * Lets the gateway replay one parked request. The gateway reads the request from Temporal itself, and checks what the
 * request's sender may send. It closes the run of the request if all events are delivered. Then this function reads
 * the state of the runs.
 * @throws GatewayUnreachable
 */
export async function replayOne(
  run: ParkedRun,
  { gateway, temporal, asOperator }: ReplayDeps,
): Promise<ReplayResult> {
  const about = { id: run.id, event: run.memo.event };
  const path = `/parked/${encodeURIComponent(run.id)}/replay${asOperator ? '?asOperator=true' : ''}`;
  const answer = await postWithRetry(gateway, { path });
  if (answer.status === 401) assertOk(answer, gateway);
  if (answer.status !== 200) {
    const reason = errorTextOf(answer);
    return { ...about, outcome: outcomeOf(answer.status), status: answer.status, reason, runs: [] };
  }
  const { runs: starts, expired } = JSON.parse(answer.body) as Replayed;
  const { runs, missing } = await reachedRuns(temporal, starts);
  if (missing !== undefined) {
    const { namespace, address } = temporal.target;
    const reason = `the gateway delivered it, but run ${missing} does not exist in namespace ${namespace} of Temporal ${address}`;
    return { ...about, outcome: 'wrong', status: 200, reason, runs: [] };
  }
  return { ...about, outcome: 'sent', status: 200, reason: expired ?? null, runs };
}

function outcomeOf(status: number): ReplayResult['outcome'] {
  if (status === 429 || status >= 500) return 'unreachable';
  return status === 403 ? 'skipped' : 'wrong';
}

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
   * `sent`: accepted, no longer parked. `wrong`: stays parked. `skipped`: stays parked, because the sender of the request
   * may not send its events. `unreachable`: the gateway or Temporal did not answer.
   */
  readonly outcome: 'sent' | 'wrong' | 'skipped' | 'unreachable';
  /** The gateway's status; null if there was no answer. */
  readonly status: number | null;
  /** One sentence, or null. */
  readonly reason: string | null;
  readonly runs: readonly ReachedRun[];
}

/**
 * Returns the current state of the runs with the ids that the gateway named, or the id that is `missing`. Reads them
 * by id, because Temporal's lists lag behind a start by some milliseconds.
 */
async function reachedRuns(
  temporal: TemporalClient,
  starts: Replayed['runs'],
): Promise<{ runs: readonly ReachedRun[]; missing?: string }> {
  const runs: ReachedRun[] = [];
  for (const { route, workflowId } of starts) {
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
