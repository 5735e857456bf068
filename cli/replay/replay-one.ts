import { setTimeout as delay } from 'node:timers/promises';
import type { ParkedEventInfo } from '../../domain/parked-request.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import type { ExplainedRoute, Explanation } from '../../gateway/operator/explain.ts';
import { explainByGateway } from '../explain/explain-event.ts';
import { mismatchText } from '../explain/explanation-text.ts';
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
 * Sends one parked request again and settles its run when the gateway took it. An answer of 202 alone says too little:
 * a source may have it also for what is parked once more. So the gateway is asked first, with `POST /explain`, what it
 * makes of the request, and afterwards the runs have to be there that it named. Throws `GatewayUnreachable`.
 */
export async function replayOne(run: ParkedRun, { gateway, temporal }: ReplayDeps): Promise<ReplayResult> {
  const parked = await readParked(temporal, run);
  const request = replayRequest(parked);
  const about = { id: run.id, event: parked.event };
  const wrong = (status: number | null, reason: string): ReplayResult => ({
    ...{ ...about, outcome: 'wrong', status, reason, runs: [] },
  });

  const explained = await explainByGateway(gateway, request);
  if ('refused' in explained) return wrong(null, explained.refused);
  const reasonNotSent = reasonNotToSend(explained.events);
  if (reasonNotSent !== undefined) return wrong(null, reasonNotSent);

  const answer = await postWithRetry(gateway, request);
  if (answer.status === 429 || answer.status >= 500)
    return { ...wrong(answer.status, errorTextOf(answer)), outcome: 'unreachable' };
  if (answer.status !== 202) return wrong(answer.status, errorTextOf(answer));

  const starts = explained.events.flatMap(startedRoutes);
  // The place to look at its runs comes only with what was started or signalled.
  if (!explained.batch && starts.length > 0 && answer.headers.location === undefined)
    return wrong(202, 'the gateway acknowledged it without starting anything: it is parked again');
  const { runs, missing } = await reachedRuns(temporal, starts);
  if (missing !== undefined) {
    const { namespace, address } = temporal.target;
    const sentence = `no run ${missing} is in namespace ${namespace} of Temporal ${address}`;
    return wrong(202, `the gateway acknowledged it, and ${sentence}`);
  }
  await settleParked(temporal, run, { outcome: 'replayed', note: `sent again to ${gateway.target.url}` });
  const expired = explained.events.flatMap(({ routes }) => routes).find(isExpired);
  const reason = starts.length === 0 ? (expired?.reason ?? null) : null;
  return { ...about, outcome: 'sent', status: 202, reason, runs };
}

const startedRoutes = ({ routes }: Explanation): ExplainedRoute[] =>
  routes.filter(({ verdict }) => verdict === 'start');

const isExpired = ({ verdict }: ExplainedRoute): boolean => verdict === 'expired';

/** A run that a parked request's event has on one of the routes, after it was sent again. */
interface ReachedRun {
  readonly route: string;
  readonly workflowId: string;
  /** Temporal's name of it. */
  readonly status: string;
}

/** What became of one parked request. */
export interface ReplayResult {
  readonly id: string;
  readonly event: ParkedEventInfo;
  /** `sent`: taken, parked no more. `wrong`: it stays parked. `unreachable`: gateway or Temporal gave no answer. */
  readonly outcome: 'sent' | 'wrong' | 'unreachable';
  /** The gateway's answer; null where it was not sent. */
  readonly status: number | null;
  /** One sentence; null where there is nothing to say. */
  readonly reason: string | null;
  readonly runs: readonly ReachedRun[];
}

/**
 * Why a request's events would not be worked off if they were sent: a route would refuse one, or none wants any of
 * them. Undefined where they would be: something is started, or is too old to be started for good.
 */
function reasonNotToSend(events: readonly Explanation[]): string | undefined {
  const routes = events.flatMap((event) => event.routes);
  const refused = routes.find(({ verdict }) => verdict === 'refused');
  if (refused !== undefined) return mismatchText(refused);
  if (routes.some(({ verdict }) => verdict === 'start' || verdict === 'expired')) return undefined;
  const [only, ...others] = routes;
  const why = only === undefined || others.length > 0 ? '' : `: ${mismatchText(only)}`;
  return `no route matches it${why}`;
}

/**
 * The runs under the ids that a gateway named, as they are now, or the id of one that is `missing`. Asked by id, since
 * lists follow a start by some milliseconds.
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

/** All waits together, in milliseconds. */
const MAX_TOTAL_WAIT_MS = 30_000;
const DEFAULT_WAIT_MS = 2_000;
const MIN_WAIT_MS = 100;

/** Posts a request, again where the gateway asks for it (429, 503) and as late as it says, for up to 30 s; the last answer. */
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
  const asked = retryAfterMs(headers['retry-after'], Date.now(), Number.POSITIVE_INFINITY);
  return asked === undefined ? DEFAULT_WAIT_MS : Math.max(asked, MIN_WAIT_MS);
}
