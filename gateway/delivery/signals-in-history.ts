import type { Client } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';

const PAGE = 500;

/** Whether a run's history holds a signal for this event; `signal` limits it to one name. */
export async function wasSignalled(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
  { source, id }: Pick<CloudEvent, 'source' | 'id'>,
  signal?: string,
): Promise<boolean> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution,
      maximumPageSize: PAGE,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const { workflowExecutionSignaledEventAttributes: signalled } of page.history?.events ?? []) {
      if (!signalled || (signal !== undefined && signalled.signalName !== signal)) continue;
      const event = eventOf(signalled.input?.payloads?.[0]?.data);
      if (event?.source === source && event.id === id) return true;
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return false;
}

/** The event that a signal's argument names; undefined for signals that are not from a route. */
function eventOf(data: Uint8Array | null | undefined): { source?: unknown; id?: unknown } | undefined {
  try {
    const argument = JSON.parse(Buffer.from(data ?? []).toString()) as { event?: object } | null;
    return argument?.event ?? undefined;
  } catch {
    return undefined;
  }
}
