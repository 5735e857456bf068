import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { taskQueues, workflowTypes } from '../../domain/names.ts';
import {
  bodyText,
  type DeadLetter,
  keptHeaders,
  type ParkedAbout,
  type ParkedMemo,
  type ParkedRequest,
  parkedId,
} from '../../domain/parked-request.ts';
import type { SinkRequest } from '../http/sink-request.ts';
import { startAttributes } from './search-attributes.ts';
import { temporalFailure } from './temporal-failure.ts';

/** Why a request is parked. */
export interface Parking {
  readonly reason: string;
  readonly status: number;
  readonly route?: string | undefined;
  readonly event: ParkedAbout;
  readonly deadLetter?: DeadLetter;
}

/**
 * Parks a request durably, before `deadline` (epoch ms). Answers the run that keeps it, `again` when it did before, or
 * why none does: it is too large, or too many are there. Throws `Unavailable` when Temporal did not take it.
 */
export type Park = (
  request: SinkRequest,
  parking: Parking,
  deadline: number,
) => Promise<{ workflowId: string; again?: true } | { refused: string; tooLarge?: true }>;

/** Parks in Temporal, as runs of `parkedEvent`; the same request again is the same run. */
export function temporalParking(
  client: Client,
  { capacity, maxBytes }: { capacity: Capacity; maxBytes: number },
): Park {
  return async (request, { reason, status, route, event, deadLetter }, deadline) => {
    const bytes = request.body.length;
    if (bytes > maxBytes)
      return { refused: `not parked: its ${bytes} bytes are over ${maxBytes}`, tooLarge: true };
    const workflowId = parkedId(request.headers, request.body);
    const { id, source, type, subject, time } = event;
    const about = Object.fromEntries(
      Object.entries({ id, source, type, subject, time }).filter(([, value]) => value !== undefined),
    );
    const shown = {
      ...{ reason, status, receivedAt: new Date().toISOString(), event: about },
      ...(route === undefined ? {} : { route }),
    };
    const parked: ParkedRequest = {
      ...shown,
      ...(deadLetter === undefined ? {} : { deadLetter }),
      ...{ path: request.path, headers: keptHeaders(request.headers), ...bodyText(request.body) },
    };
    const memo: ParkedMemo = { ...shown, bytes };
    try {
      return await client.withDeadline(deadline, async () => {
        if (!(await capacity.left(deadLetter !== undefined)) && !(await isKept(client, workflowId)))
          return { refused: 'not parked: the places for parked events are taken' };
        await client.workflow.start(workflowTypes.parkedEvent, {
          taskQueue: taskQueues.parked,
          workflowId,
          args: [parked],
          // One that was dealt with, and comes again, is wrong again.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          memo: { parked: memo },
          staticSummary: `${status} ${reason}`.slice(0, 200),
          typedSearchAttributes: startAttributes(route, about),
        });
        capacity.took();
        return { workflowId };
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, again: true };
      throw temporalFailure(error, workflowId);
    }
  };
}

/** Whether an open run keeps the request already. */
async function isKept(client: Client, workflowId: string): Promise<boolean> {
  const known = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return known?.status.name === 'RUNNING';
}

/** How many requests may be parked at a time. */
export interface Capacity {
  /** Whether one more may be parked; the last tenth is for dead letters, behind which there is nobody. */
  left(forDeadLetter: boolean): Promise<boolean>;
  /** One more is parked. */
  took(): void;
}

/** What is parked is counted by Temporal at most this often; in between, what this process parked is added. */
const FRESH_MS = 10_000;

/** Room for `limit` requests, of which `count` says how many are parked. Several gateways together may overshoot a little. */
export function capacityOf(limit: number, count: () => Promise<number>): Capacity {
  let asked = Number.NEGATIVE_INFINITY;
  let taken: Promise<number> = Promise.resolve(0);
  return {
    async left(forDeadLetter) {
      if (performance.now() - asked > FRESH_MS) {
        asked = performance.now();
        taken = count();
        taken.catch(() => {
          asked = Number.NEGATIVE_INFINITY;
        });
      }
      return (await taken) < (forDeadLetter ? limit : limit * 0.9);
    },
    took() {
      taken = taken.then((known) => known + 1);
      taken.catch(() => {});
    },
  };
}
