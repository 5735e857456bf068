import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ParkedRequest, ParkedResult, SenderProof } from '../../domain/parked-request.ts';
import { parkedEventSignals, workflowTypes } from '../../domain/temporal-contract.ts';

/** Identifies the run of a parked request. */
export interface ParkedExecution {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * The workflow ids of parked requests. No route can start a run with such an id, unless it says `reserved: allowed`.
 */
const PARKED_ID = /^parked:/;

/**
 * Reads a parked request from the history of its run. If the same request arrived again, `proof` also has the senders
 * of that arrival. Returns undefined if the run does not keep a parked request. Throws the client's errors.
 */
export async function readParkedRun(
  { workflowService, options: { namespace } }: Client,
  { workflowId, runId }: ParkedExecution,
): Promise<ParkedRequest | undefined> {
  if (!PARKED_ID.test(workflowId)) return undefined;
  let parked: ParkedRequest | undefined;
  const proofs: SenderProof[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution: { workflowId, runId } },
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const {
      workflowExecutionStartedEventAttributes: started,
      workflowExecutionSignaledEventAttributes: signalled,
    } of page.history?.events ?? []) {
      if (started) {
        if (started.workflowType?.name !== workflowTypes.parkedEvent) return undefined;
        parked = firstArgument<ParkedRequest>(started);
        if (parked?.proof !== undefined) proofs.push(parked.proof);
      }
      if (signalled?.signalName === parkedEventSignals.sentAgain)
        proofs.push(firstArgument<SenderProof>(signalled) ?? { senders: [] });
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  if (parked === undefined || proofs.length === 0) return parked;
  const operator = proofs.some((proof) => proof.operator) ? ({ operator: true } as const) : {};
  const senders = [...new Set(proofs.flatMap((proof) => proof.senders))];
  return { ...parked, proof: { senders, ...operator } };
}

interface HistoryArguments {
  readonly input?: {
    readonly payloads?: readonly { readonly data?: Uint8Array | null }[] | null;
  } | null;
}

function firstArgument<T>({ input }: HistoryArguments): T | undefined {
  const data = input?.payloads?.[0]?.data;
  return data ? (JSON.parse(Buffer.from(data).toString()) as T) : undefined;
}

/** Closes the run of a parked request with a result. Returns false if it was already closed. */
export async function settleParkedRun(
  client: Client,
  { workflowId, runId }: ParkedExecution,
  result: ParkedResult,
): Promise<boolean> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    await handle.signal<[ParkedResult]>(parkedEventSignals.settled, result);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
