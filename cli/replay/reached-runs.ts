import type { ExplainedRoute } from '../../gateway/operator/explain.ts';
import { findRun } from '../runs/describe-run.ts';
import type { TemporalClient } from '../temporal-client.ts';
import type { ReachedRun } from './replayed.ts';

/**
 * The runs under the ids that a gateway named, as they are now, or the id of one that is `missing`. Asked by id, since
 * lists follow a start by some milliseconds.
 */
export async function reachedRuns(
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
