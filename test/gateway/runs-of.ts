import { createHash } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** Computes the event hash of a workflow id: the first 16 hex digits of SHA-256 over the JSON array. */
export const hashOf = (route: string, source: string, id: string): string =>
  createHash('sha256')
    .update(JSON.stringify([route, source, id]))
    .digest('hex')
    .slice(0, 16);

/** Returns the description of a workflow id's latest run; undefined if the workflow id was never started. */
export async function runOf(client: Client, workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { runId, type, taskQueue, memo, typedSearchAttributes } = await handle.describe();
    const { events } = await handle.fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const args = (started?.input?.payloads ?? []).map(({ data }): unknown =>
      JSON.parse(Buffer.from(data ?? []).toString()),
    );
    const attributes = Object.fromEntries(
      typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    return { runId, type, taskQueue, memo, attributes, args };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
