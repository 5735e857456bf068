import { BUCKET, type System } from './system.ts';
import { until } from './until.ts';
/** Waits until an archive has a closed run, and returns how the newest closed run ended. */
export async function waitForRunEnd(
  system: System,
  key: string,
): Promise<{ status: string; type: string; message: string; workflowId: string }> {
  const query = `WorkflowType = 'unzipObject' AND WorkflowId STARTS_WITH 'unzip:${BUCKET}/${key}:'`;
  const run = await until(`the run of ${key} has ended`, async () => {
    for await (const found of system.client.workflow.list({ query }))
      if (found.status.name !== 'RUNNING') return found;
    return undefined;
  });
  const handle = system.client.workflow.getHandle(run.workflowId);
  try {
    const result = (await handle.result()) as { outcome: string; note: string };
    return { status: result.outcome, type: '', message: result.note, workflowId: run.workflowId };
  } catch (error) {
    const { cause } = error as { cause: { type: string; message: string } };
    return { status: 'failed', type: cause.type, message: cause.message, workflowId: run.workflowId };
  }
}
