import { isGrpcServiceError } from '@temporalio/client';
import { messageOf } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { GatewayUnreachable } from '../gateway-client.ts';
import type { ParkedRun } from '../parked/parked-runs.ts';
import type { ReplayResult } from './replay-one.ts';
import { type ReplayDeps, replayOne } from './replay-one.ts';

/** Maximum number of concurrent requests. */
const PARALLEL = 8;

/**
 * Replays parked requests, at most `PARALLEL` at the same time, and starts them in order. Calls `onDone` after each
 * one, with the number of finished requests and the number of requests that were not accepted.
 */
export async function replayAll(
  parked: readonly ParkedRun[],
  deps: ReplayDeps,
  onDone: (result: ReplayResult, done: number, notAccepted: number) => void,
): Promise<ReplayResult[]> {
  const results = new Map<ParkedRun, ReplayResult>();
  let notAccepted = 0;
  let unreachableInARow = 0;
  await forEachParallel(parked, PARALLEL, async (run) => {
    // If `PARALLEL` consecutive requests got no answer, the gateway seems to be unavailable. Further attempts would
    // only wait.
    const result = unreachableInARow >= PARALLEL ? notTriedResult(run) : await replayOrUnreachable(run, deps);
    unreachableInARow = result.outcome === 'unreachable' ? unreachableInARow + 1 : 0;
    if (result.outcome !== 'sent') notAccepted++;
    results.set(run, result);
    onDone(result, results.size, notAccepted);
  });
  return parked.flatMap((run) => results.get(run) ?? []);
}

async function replayOrUnreachable(run: ParkedRun, deps: ReplayDeps): Promise<ReplayResult> {
  try {
    return await replayOne(run, deps);
  } catch (error) {
    if (error instanceof GatewayUnreachable) return unreachableResult(run, error.message);
    const cause = error instanceof Error ? error.cause : undefined;
    const grpc = [error, cause].find(isGrpcServiceError);
    if (grpc === undefined) throw error;
    return unreachableResult(
      run,
      `Temporal at ${deps.temporal.target.address}: ${messageOf(grpc.details, 200)}`,
    );
  }
}

const notTriedResult = (run: ParkedRun): ReplayResult =>
  unreachableResult(run, 'not tried: the requests before it got no answer');

const unreachableResult = ({ id, memo }: ParkedRun, reason: string): ReplayResult => ({
  ...{ id, event: memo.event, outcome: 'unreachable', status: null, reason, runs: [] },
});
