import { tsToMs } from '@temporalio/common/lib/time.js';
import type { temporal as api } from '@temporalio/proto';
import type { TemporalClient } from '../temporal-client.ts';
import { oneLine } from '../terminal-text.ts';

/** The number of latest events that are read. Only few other events follow a failed workflow task. */
const LATEST_EVENTS = 20;

interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly taskQueue: string;
}

/**
 * Returns why a run does not answer, as one sentence: its workflow task fails, or no worker polls its queue. Returns
 * undefined if Temporal shows no reason.
 */
export async function readTaskProblem(temporal: TemporalClient, run: Run): Promise<string | undefined> {
  return (await taskFailure(temporal, run)) ?? (await missingWorker(temporal, run));
}

/** Reads the latest events of the history. A failed workflow task is a problem until another one completes. */
async function taskFailure(
  { client, target, call }: TemporalClient,
  { workflowId, runId, type, taskQueue }: Run,
): Promise<string | undefined> {
  const { history } = await call(() =>
    client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: target.namespace,
      execution: { workflowId, runId },
      maximumPageSize: LATEST_EVENTS,
    }),
  );
  const latest = history?.events?.find(
    (event) => event.workflowTaskFailedEventAttributes || event.workflowTaskCompletedEventAttributes,
  );
  const failed = latest?.workflowTaskFailedEventAttributes;
  return failed ? failureText(failed, { type, taskQueue }) : undefined;
}

/** How the SDKs for TypeScript, Go, Java, Python, .NET, PHP and Ruby say that they do not have the workflow type. */
const NOT_REGISTERED =
  /no such function is exported by the workflow bundle|unable to find workflow type|unknown workflow type|is not registered/i;

/** A worker's poll lasts a minute. Temporal lists pollers for some minutes after they have gone. */
const POLLING_MS = 90_000;

function failureText(
  { cause, failure }: api.api.history.v1.IWorkflowTaskFailedEventAttributes,
  { type, taskQueue }: Pick<Run, 'type' | 'taskQueue'>,
): string {
  const message = failure?.message ?? '';
  // The workflow's own errors can have these words, too, but do not name its type.
  if (NOT_REGISTERED.test(message) && message.includes(type))
    return `workflow type ${type} is not registered on queue ${taskQueue}`;
  const text = oneLine(message === '' ? 'without a message' : message, 500);
  return cause === NON_DETERMINISTIC_ERROR
    ? `the workflow's code does not fit its history (non-determinism): ${text}`
    : `its workflow task fails: ${text}`;
}

/** `WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR` of Temporal's API. */
const NON_DETERMINISTIC_ERROR = 24;

async function missingWorker(
  temporal: TemporalClient,
  { taskQueue }: Pick<Run, 'taskQueue'>,
): Promise<string | undefined> {
  const { pollers } = await describeQueue(temporal, taskQueue);
  if (pollers === 0) return `no worker answers: queue ${taskQueue} has no pollers`;
  return undefined;
}

/** What Temporal knows about the workers and the waiting workflow tasks of a queue. */
export interface QueueState {
  /** Workers that poll now. */
  readonly pollers: number;
  /** RFC 3339. Temporal forgets it after some minutes. */
  readonly lastPoll?: string;
  readonly waitingTasks: number;
  readonly oldestTaskMs: number;
}

/** Describes the workflow tasks of a queue. */
export async function describeQueue(
  { client, target, call }: TemporalClient,
  name: string,
): Promise<QueueState> {
  const description = await call(() =>
    client.workflowService.describeTaskQueue({
      namespace: target.namespace,
      taskQueue: { name },
      taskQueueType: 1,
      reportStats: true,
    }),
  );
  return queueStateOf(description, Date.now());
}

type QueueDescription = Pick<api.api.workflowservice.v1.IDescribeTaskQueueResponse, 'pollers' | 'stats'>;

/** Reads the state of a queue from Temporal's answer at the time `now` (epoch ms). */
export function queueStateOf({ pollers, stats }: QueueDescription, now: number): QueueState {
  const polls = (pollers ?? []).flatMap(({ lastAccessTime: at }) => (at ? [tsToMs(at)] : []));
  const age = stats?.approximateBacklogAge;
  return {
    pollers: polls.filter((at) => now - at < POLLING_MS).length,
    ...(polls.length === 0 ? {} : { lastPoll: new Date(Math.max(...polls)).toISOString() }),
    waitingTasks: Number(stats?.approximateBacklogCount ?? 0),
    oldestTaskMs: age ? tsToMs(age) : 0,
  };
}
