import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Progress } from '../../domain/names.ts';
import type { TemporalClient } from '../temporal-client.ts';
import { toRunLine } from './describe-run.ts';

const QUERY_MS = 2_000;

/** Progress as far as it can be known: without a worker that answers, only the phase is. */
export type KnownProgress = Progress | { readonly phase: string; readonly waiting: string };

/** The run's progress, or its child's while that does the work (an `unzipObject` has an `unzipArchive`). */
export async function progressOf(
  temporal: TemporalClient,
  run: WorkflowExecutionDescription,
): Promise<KnownProgress> {
  const child = run.raw.pendingChildren?.find(({ workflowId }) => workflowId?.startsWith('unzip-into:'));
  const asked = child?.workflowId ?? run.workflowId;
  const answer = await ask(temporal, asked);
  return (
    answer ?? {
      phase: toRunLine(run).phase ?? '',
      waiting: 'no worker answers; the run goes on when one is back',
    }
  );
}

/** A query is answered by a worker; when none is there it fails or is late, which says nothing about the run. */
async function ask({ client, call }: TemporalClient, workflowId: string): Promise<Progress | undefined> {
  try {
    return await call(() => client.workflow.getHandle(workflowId).query<Progress>('progress'), QUERY_MS);
  } catch {
    return undefined;
  }
}
