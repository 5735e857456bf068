import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  type InternalWorkflowStartOptions,
  InternalWorkflowStartOptionsSymbol,
} from '@temporalio/client/lib/internal.js';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import type { Start } from '../routes/route.ts';
import type { startOptions } from './start-options.ts';

/** What signals it comes at once; where the gateway dies in between, the redelivery's signal still finds it waiting. */
const WAITS_FOR_ITS_SIGNAL = '1 minute';

/**
 * Starts the run that follows the closed run `before`, for its signal to come: at most one for an event, however many
 * gateways try at once. Temporal's server answers a start whose request id made the latest run with that run, open or
 * closed (a signal-with-start it does not, and it would start a run for each); the signal ends the start's delay.
 */
export async function startNextRun(
  client: Client,
  { start, event, options }: { start: Start; event: CloudEvent; options: ReturnType<typeof startOptions> },
  before: string,
): Promise<void> {
  const { route, workflowId, workflow } = start;
  const what = JSON.stringify([route, workflowId, event.source, event.id, before]);
  const requestId = createHash('sha256').update(what).digest('hex');
  // The SDK has no other way to say it.
  const named: Pick<InternalWorkflowStartOptions, typeof InternalWorkflowStartOptionsSymbol> = {
    [InternalWorkflowStartOptionsSymbol]: { requestId },
  };
  await client.workflow.start(workflow, {
    ...options,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    startDelay: WAITS_FOR_ITS_SIGNAL,
    ...named,
  });
}
