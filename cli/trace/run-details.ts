import { eventLookupPath } from '../../domain/cloud-event.ts';
import type { ParkedMemo } from '../../domain/parked-request.ts';
import { workflowTypes } from '../../domain/temporal-contract.ts';
import type { FoundRun } from '../../gateway/operator/find-runs.ts';
import type { RecentResult } from '../../gateway/operator/recent-results.ts';
import type { TemporalTarget } from '../addresses.ts';
import { CommandError } from '../command.ts';
import { assertOk, type GatewayClient } from '../gateway-client.ts';
import { findRun, type RunOutcome, readRunOutcome } from '../runs/describe-run.ts';
import { type ProgressOrWaiting, readProgress } from '../runs/run-progress.ts';
import { type TemporalClient, withTemporal } from '../temporal-client.ts';

/** A run of an event, with details that only Temporal has. */
export interface RunDetails extends FoundRun, RunOutcome {
  /** Only for an open run. */
  readonly progress?: ProgressOrWaiting;
  /** Only for a `parkedEvent`: the status and reason of its rejection. */
  readonly parked?: Pick<ParkedMemo, 'status' | 'reason'>;
}

/**
 * Adds the outcome or progress to runs. Sets `incompleteReason` in two cases. If Temporal cannot be reached, all runs
 * are returned unchanged. If Temporal has no such run, because it is not the gateway's Temporal, this run is returned
 * unchanged.
 */
export async function readRunDetails(
  target: TemporalTarget,
  runs: readonly FoundRun[],
): Promise<{ runs: readonly RunDetails[]; incompleteReason?: string }> {
  if (runs.length === 0) return { runs: [] };
  try {
    return await withTemporal(target, async (temporal) => {
      const details: (RunDetails | undefined)[] = [];
      for (const run of runs) details.push(await readOneRun(temporal, run));
      const missing = runs.find((_, index) => details[index] === undefined);
      const all = runs.map((run, index) => details[index] ?? run);
      if (missing === undefined) return { runs: all };
      const where = `namespace ${target.namespace} of Temporal ${target.address} (from ${target.from})`;
      return { runs: all, incompleteReason: `run ${missing.workflowId} does not exist in ${where}` };
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { runs, incompleteReason: error.message };
  }
}

async function readOneRun(temporal: TemporalClient, run: FoundRun): Promise<RunDetails | undefined> {
  const found = await findRun(temporal, run.workflowId, run.runId);
  if (found === undefined) return undefined;
  const isParked = run.workflowType === workflowTypes.parkedEvent;
  const memo = found.memo?.parked as ParkedMemo | undefined;
  const parked = isParked && memo ? { parked: { status: memo.status, reason: memo.reason } } : {};
  // The run may have ended after the gateway's answer.
  const { name: status } = found.status;
  const current = { ...run, ...parked, status, closeTime: found.closeTime?.toISOString() ?? null };
  if (status === 'CONTINUED_AS_NEW') return current;
  if (status !== 'RUNNING') return { ...current, ...(await readRunOutcome(temporal, found)) };
  return isParked ? current : { ...current, progress: await readProgress(temporal, found) };
}

/** The runs of an event, and what the gateway remembers of it. A gateway of an earlier build remembers nothing. */
interface EventTrace {
  readonly runs: readonly FoundRun[];
  readonly recent?: readonly RecentResult[];
  readonly recentSince?: string;
}

/** Asks the gateway for the runs of an event, newest first. Throws `CommandError` if it does not answer with 200. */
export async function traceEvent(gateway: GatewayClient, source: string, id: string): Promise<EventTrace> {
  const path = eventLookupPath({ source, id });
  const separator = path.includes('?') ? '&' : '?';
  const answer = await gateway.send({ method: 'GET', path: `${path}${separator}recent=true` });
  assertOk(answer, gateway);
  return JSON.parse(answer.body) as EventTrace;
}
