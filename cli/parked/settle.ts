import { WorkflowNotFoundError } from '@temporalio/client';
import type { ParkedEnd } from '../../domain/parked-request.ts';
import type { TemporalClient } from '../temporal-client.ts';
import type { ParkedRun } from './parked-runs.ts';

/** Tells the run of a parked request how it ended; false when it had ended before. */
export async function settle(
  { client, call }: TemporalClient,
  { id, runId }: Pick<ParkedRun, 'id' | 'runId'>,
  end: ParkedEnd,
): Promise<boolean> {
  try {
    await call(() => client.workflow.getHandle(id, runId).signal<[ParkedEnd]>('settled', end));
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** How a completed one ended. */
export async function endOf(
  { client, call }: TemporalClient,
  { id, runId }: Pick<ParkedRun, 'id' | 'runId'>,
): Promise<ParkedEnd> {
  return (await call(() => client.workflow.getHandle(id, runId).result())) as ParkedEnd;
}
