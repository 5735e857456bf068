import { WorkflowFailedError } from '@temporalio/client';
import { messageOf } from '../../domain/errors.ts';
import type { TemporalClient } from '../temporal-client.ts';
import type { RunInfo } from './describe-run.ts';

/** What a closed run answered, or the sentence of what it failed with. */
export interface Outcome {
  readonly result?: unknown;
  readonly failure?: string;
}

/** The outcome of a closed run. */
export async function outcomeOf({ client, call }: TemporalClient, run: RunInfo): Promise<Outcome> {
  try {
    const handle = client.workflow.getHandle(run.workflowId, run.runId, { followRuns: false });
    return { result: (await call(() => handle.result())) as unknown };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: rootSentence(error) };
  }
}

/** Temporal wraps a failure once a level (workflow, child, activity); the innermost says what happened. */
function rootSentence(error: Error): string {
  let innermost: Error = error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  const type = 'type' in innermost && typeof innermost.type === 'string' ? `${innermost.type}: ` : '';
  return `${type}${messageOf(innermost, 2_000)}`;
}
