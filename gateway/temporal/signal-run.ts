import { createHash } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import {
  type InternalWorkflowStartOptions,
  InternalWorkflowStartOptionsSymbol,
} from '@temporalio/client/lib/internal.js';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { messageOf } from '../../domain/errors.ts';
import { searchAttributeKeywords } from '../../domain/search-attribute-keyword.ts';
import { withSignalRequestId } from '../../runtime/signal-request-id.ts';
import { isAnswerTooLarge } from '../../runtime/temporal-connection.ts';
import type { RunRequest } from '../routes/route.ts';
import { hasEventId, listRuns, quoteForQuery, workflowIdCondition } from './list-runs.ts';
import { signalArgument, startOptions } from './start-run.ts';
import { isSignalLimitError } from './temporal-errors.ts';

/**
 * Signals the open run of the workflow id. If none is open, starts a run and signals it. The server drops an event that
 * the open run has already received. The server forgets these events when the run continues as new or is reset; a
 * workflow with the helper `onEvent` remembers them. For a closed run, this function reads the run's history, so that a
 * late redelivery starts nothing.
 */
export async function signalRun(
  client: Client,
  start: RunRequest & { readonly signal: string },
  event: CloudEvent,
): Promise<'signalled' | 'duplicate'> {
  const { signal, workflowId } = start;
  const options = startOptions(start, event);
  const signalOptions = { ...options, signal, signalArgs: [signalArgument(start, event)] };
  const checkedRunIds = new Set<string>();
  const hasReceivedEvent = async (runId: string): Promise<boolean> =>
    !checkedRunIds.has(runId) && historyHasSignal(client, { workflowId, runId }, event, signal);
  const latestRunId = async (): Promise<string> =>
    (await client.workflow.getHandle(workflowId).describe()).runId;
  // The server drops a second signal with this request id to the same open run.
  const requestId = hashOf(start.route, event.source, event.id);
  // Other signals may end the new run before this event's signal arrives. The loop ends at the delivery's deadline.
  for (;;) {
    try {
      await withSignalRequestId(client, requestId, () =>
        client.workflow.signalWithStart(start.workflow, {
          ...signalOptions,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        }),
      );
      return 'signalled';
    } catch (error) {
      // If a run has its maximum number of signals, the server refuses every signal, also one that the run already has.
      if (isSignalLimitError(error) && (await hasReceivedEvent(await latestRunId()))) return 'duplicate';
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const latest = await latestRunId();
    for await (const runId of candidateRuns(client, { workflowId, latest }, event.id)) {
      if (await hasReceivedEvent(runId)) return 'duplicate';
      checkedRunIds.add(runId);
    }
    await startNextRun(client, { start, event, options }, latest);
  }
}

/**
 * Signals the open run of the workflow id. Starts none: without an open run, the event has no effect. The server drops
 * an event that the open run has already received.
 */
export async function signalOpenRun(
  client: Client,
  runRequest: RunRequest & { readonly signal: string },
  event: CloudEvent,
): Promise<'signalled' | 'duplicate' | 'unawaited'> {
  const { route, signal, workflowId } = runRequest;
  const handle = client.workflow.getHandle(workflowId);
  const requestId = hashOf(route, event.source, event.id);
  try {
    await withSignalRequestId(client, requestId, () =>
      handle.signal(signal, signalArgument(runRequest, event)),
    );
    return 'signalled';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'unawaited';
    if (!isSignalLimitError(error)) throw error;
    const { runId } = await handle.describe();
    // If a run has its maximum number of signals, the server refuses every signal, also one that the run already has.
    if (await historyHasSignal(client, { workflowId, runId }, event, signal)) return 'duplicate';
    throw error;
  }
}

/** Each earlier run costs a read of its history. */
const MAX_EARLIER_RUNS = 20;

/**
 * Yields the runs of a workflow id that may have received the event. The first one is the latest run, because it may
 * not be listed yet. Then come the runs whose search attributes name the event, and the latest other runs of the
 * workflow id.
 */
async function* candidateRuns(
  client: Client,
  { workflowId, latest }: { workflowId: string; latest: string },
  id: string,
): AsyncIterable<string> {
  yield latest;
  for (const keyword of searchAttributeKeywords(id)) {
    const query = `EventId = ${quoteForQuery(keyword)}${workflowIdCondition(workflowId)}`;
    for await (const run of listRuns(client, query, 20))
      if (run.runId !== latest && run.workflowId === workflowId && hasEventId(run, keyword)) yield run.runId;
  }
  const condition = workflowIdCondition(workflowId).replace(' AND ', '');
  if (condition === '') return;
  let listedRuns = 0;
  for await (const run of listRuns(client, condition, MAX_EARLIER_RUNS)) {
    if (run.runId !== latest && run.workflowId === workflowId) yield run.runId;
    // One more, because the list usually has the latest run, too.
    if (++listedRuns > MAX_EARLIER_RUNS) return;
  }
}

/**
 * The start delay of a run that waits for its signal. The signal ends the delay at once. If the gateway exits before it
 * sends the signal, a redelivery still finds the waiting run.
 */
const SIGNAL_START_DELAY = '1 minute';

/**
 * Starts the run that follows the closed run `previousRunId`. The new run waits for its signal. At most one run is
 * started per event, even if several gateways try at the same time. The request id ensures this: if the latest run was
 * started with the same request id, Temporal's server returns that run, also if it is closed. The server does not do
 * this for signal-with-start.
 */
async function startNextRun(
  client: Client,
  {
    start,
    event,
    options,
  }: { start: RunRequest; event: CloudEvent; options: ReturnType<typeof startOptions> },
  previousRunId: string,
): Promise<void> {
  const { route, workflowId, workflow } = start;
  const requestId = hashOf(route, workflowId, event.source, event.id, previousRunId);
  // The SDK has no public option for the request id.
  const internal: Pick<InternalWorkflowStartOptions, typeof InternalWorkflowStartOptionsSymbol> = {
    [InternalWorkflowStartOptionsSymbol]: { requestId },
  };
  await client.workflow.start(workflow, {
    ...options,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    startDelay: SIGNAL_START_DELAY,
    ...internal,
  });
}

const hashOf = (...texts: string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex');

/** The maximum number of events in a page of a history. */
const MAX_PAGE_EVENTS = 500;

/**
 * Returns true if a run's history has a signal for this event. If `signal` is given, only signals with this name
 * count.
 */
export async function historyHasSignal(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
  { source, id }: Pick<CloudEvent, 'source' | 'id'>,
  signal?: string,
): Promise<boolean> {
  let nextPageToken: Uint8Array | undefined;
  let maximumPageSize = MAX_PAGE_EVENTS;
  const readPage = () =>
    client.workflowService.getWorkflowExecutionHistory({
      ...{ namespace: client.options.namespace, execution, maximumPageSize },
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
  for (;;) {
    const page = await readPage().catch((error: unknown) => {
      if (maximumPageSize > 1 && isAnswerTooLarge(messageOf(error))) return undefined;
      throw error;
    });
    if (page === undefined) {
      // An event can have 2 MiB.
      maximumPageSize = Math.ceil(maximumPageSize / 4);
      continue;
    }
    for (const { workflowExecutionSignaledEventAttributes: signalled } of page.history?.events ?? []) {
      if (!signalled || (signal !== undefined && signalled.signalName !== signal)) continue;
      const event = readSignalEvent(signalled.input?.payloads?.[0]?.data);
      if (event?.source === source && event.id === id) return true;
    }
    if (!page.nextPageToken?.length) return false;
    nextPageToken = page.nextPageToken;
  }
}

/** Reads the event in a signal's argument; undefined for signals that no route sent. */
function readSignalEvent(
  data: Uint8Array | null | undefined,
): { source?: unknown; id?: unknown } | undefined {
  try {
    const argument = JSON.parse(Buffer.from(data ?? []).toString()) as { event?: object } | null;
    return argument?.event ?? undefined;
  } catch {
    return undefined;
  }
}
