import { QueryNotRegisteredError, type WorkflowExecutionDescription } from '@temporalio/client';
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
  if (typeof answer !== 'string') return answer;
  return { phase: toRunLine(run).phase ?? '', waiting: answer };
}

/** A query is answered by a worker; a sentence when none is there, or none of the worker's workflows knows the query. */
async function ask({ client, call }: TemporalClient, workflowId: string): Promise<Progress | string> {
  try {
    return await call(() => client.workflow.getHandle(workflowId).query<Progress>('progress'), QUERY_MS);
  } catch (error) {
    return error instanceof QueryNotRegisteredError
      ? 'it does not tell how far it is'
      : 'no worker answers; the run goes on when one is back';
  }
}
