import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { CommandError, parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { type TemporalClient, withTemporal } from '../temporal-client.ts';
import { shellQuote } from '../terminal-text.ts';
import { describeRun, hasFailed, printTarget } from './describe-run.ts';

const WORKFLOW_TASK_COMPLETED = proto.temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED;

/** `sluice runs retry <id>`: resets a failed run to its first workflow task, so that the run repeats everything. */
export async function retryRun(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, temporalOptions, ['<id>']);
  const [workflowId = ''] = positionals;
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const run = await describeRun(temporal, workflowId);
    if (!hasFailed(run.status.name)) {
      throw new CommandError(`run ${workflowId} has not failed: it is ${run.status.name.toLowerCase()}`);
    }
    printTarget(`retrying ${workflowId} (run ${run.runId}, ${run.status.name.toLowerCase()})`, temporal);
    const execution = { workflowId, runId: run.runId };
    const workflowTaskFinishEventId = await firstTaskEventId(temporal, execution);
    const { connection, target, call } = temporal;
    const reset = await call(() =>
      connection.workflowService.resetWorkflowExecution({
        namespace: target.namespace,
        workflowExecution: execution,
        workflowTaskFinishEventId,
        reason: 'sluice runs retry',
        requestId: randomUUID(),
      }),
    );
    console.log(
      `started again as run ${reset.runId}; follow it with: sluice runs follow ${shellQuote(workflowId)}`,
    );
    return 0;
  });
}

/** Returns the id of the event that completed the first workflow task. `retryRun` resets the run to this event. */
async function firstTaskEventId(
  { connection, target, call }: TemporalClient,
  execution: { workflowId: string; runId: string },
) {
  const { history } = await call(() =>
    connection.workflowService.getWorkflowExecutionHistory({
      namespace: target.namespace,
      execution,
      maximumPageSize: 100,
    }),
  );
  const first = history?.events?.find(({ eventType }) => eventType === WORKFLOW_TASK_COMPLETED)?.eventId;
  if (first !== undefined && first !== null) return first;
  throw new CommandError(
    `run ${execution.workflowId} ended before a worker started it; send its event again`,
  );
}

/** `sluice runs cancel <id>`: requests that the open run with this id stops. */
export async function cancelRun(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, temporalOptions, ['<id>']);
  const [workflowId = ''] = positionals;
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const run = await describeRun(temporal, workflowId);
    if (run.status.name !== 'RUNNING') {
      throw new CommandError(`run ${workflowId} is not running: it is ${run.status.name.toLowerCase()}`);
    }
    printTarget(`cancelling ${workflowId} (run ${run.runId})`, temporal);
    await temporal.call(() => temporal.client.workflow.getHandle(workflowId, run.runId).cancel());
    console.log(`asked ${workflowId} to stop; follow it with: sluice runs follow ${shellQuote(workflowId)}`);
    return 0;
  });
}
