import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { keyword } from '../../domain/keyword.ts';
import type { Start } from '../routes/route.ts';
import { quoted } from './quoted.ts';
import { wasSignalled } from './signals-in-history.ts';
import { startNextRun } from './start-next-run.ts';
import { signalArgument, startOptions } from './start-options.ts';

/**
 * Signals a run, which is started where none is open. An open run knows by itself which events it has seen (the
 * helper `onEvent`); a closed one is asked through its history, so that a late redelivery starts nothing again.
 */
export async function signalRun(
  client: Client,
  start: Start & { readonly signal: string },
  event: CloudEvent,
): Promise<'signalled' | 'duplicate'> {
  const { signal, workflowId } = start;
  const options = startOptions(start, event);
  const signalled = { ...options, signal, signalArgs: [signalArgument(start, event)] };
  const asked = new Set<string>();
  const sawIt = async (runId: string): Promise<boolean> =>
    !asked.has(runId) && wasSignalled(client, { workflowId, runId }, event, signal);
  // A next run may be ended by others' signals before this one comes; the calls end at the delivery's deadline.
  for (;;) {
    try {
      await client.workflow.signalWithStart(start.workflow, {
        ...signalled,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      });
      return 'signalled';
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const { runId: latest } = await client.workflow.getHandle(workflowId).describe();
    for await (const runId of closedRuns(client, { workflowId, latest }, event.id)) {
      if (await sawIt(runId)) return 'duplicate';
      asked.add(runId);
    }
    await startNextRun(client, { start, event, options }, latest);
  }
}

/** The runs of an id that may have seen the event: the latest, which the list may not know yet, and the listed ones. */
async function* closedRuns(
  client: Client,
  { workflowId, latest }: { workflowId: string; latest: string },
  id: string,
): AsyncIterable<string> {
  yield latest;
  const query = `WorkflowId = ${quoted(workflowId)} AND EventId = ${quoted(keyword(id))}`;
  for await (const { runId } of client.workflow.list({ query, pageSize: 20 }))
    if (runId !== latest) yield runId;
}
