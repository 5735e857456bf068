import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import {
  type DeadLetterInfo,
  encodeBody,
  keptHeaders,
  type ParkedEventInfo,
  type ParkedMemo,
  type ParkedRequest,
  parkedWorkflowId,
} from '../../domain/parked-request.ts';
import { taskQueues, workflowTypes } from '../../domain/temporal-contract.ts';
import type { EventRequest } from '../http/event-request.ts';
import { runSearchAttributes } from './search-attributes.ts';
import { translateTemporalError } from './temporal-errors.ts';

/** Why a request is parked. */
export interface ParkDetails {
  readonly reason: string;
  readonly status: number;
  readonly route?: string | undefined;
  readonly event: ParkedEventInfo;
  readonly deadLetter?: DeadLetterInfo;
}

/**
 * Parks a request durably, before `deadline` (epoch ms). Answers the run that keeps it, `again` when it did before, or
 * why none does: it is too large, or too many are there. Throws `Unavailable` when Temporal did not take it.
 */
export type ParkRequest = (
  request: EventRequest,
  parking: ParkDetails,
  deadline: number,
) => Promise<{ workflowId: string; again?: true } | { refused: string; tooLarge?: true }>;

/** Parks in Temporal, as runs of `parkedEvent`; the same request again is the same run. */
export function createTemporalParking(
  client: Client,
  { capacity, maxBytes }: { capacity: ParkingCapacity; maxBytes: number },
): ParkRequest {
  return async (request, { reason, status, route, event, deadLetter }, deadline) => {
    const bytes = request.body.length;
    if (bytes > maxBytes)
      return { refused: `not parked: its ${bytes} bytes are over ${maxBytes}`, tooLarge: true };
    const workflowId = parkedWorkflowId(request.headers, request.body);
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
      ...{ path: request.path, headers: keptHeaders(request.headers), ...encodeBody(request.body) },
    };
    const memo: ParkedMemo = { ...shown, bytes };
    try {
      return await client.withDeadline(deadline, async () => {
        if (
          !(await capacity.hasRoom(deadLetter !== undefined)) &&
          !(await isAlreadyParked(client, workflowId))
        )
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
          typedSearchAttributes: runSearchAttributes(route, about),
        });
        capacity.addParked();
        return { workflowId };
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, again: true };
      throw translateTemporalError(error, workflowId);
    }
  };
}

/** Whether an open run keeps the request already. */
async function isAlreadyParked(client: Client, workflowId: string): Promise<boolean> {
  const known = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return known?.status.name === 'RUNNING';
}

/** How many requests may be parked at a time. */
export interface ParkingCapacity {
  /** Whether one more may be parked; the last tenth is for dead letters, behind which there is nobody. */
  hasRoom(forDeadLetter: boolean): Promise<boolean>;
  /** One more is parked. */
  addParked(): void;
}

/** What is parked is counted by Temporal at most this often; in between, what this process parked is added. */
const COUNT_CACHE_MS = 10_000;

/** Room for `limit` requests, of which `count` says how many are parked. Several gateways together may overshoot a little. */
export function createParkingCapacity(limit: number, count: () => Promise<number>): ParkingCapacity {
  let countedAt = Number.NEGATIVE_INFINITY;
  let parkedCount: Promise<number> = Promise.resolve(0);
  return {
    async hasRoom(forDeadLetter) {
      if (performance.now() - countedAt > COUNT_CACHE_MS) {
        countedAt = performance.now();
        parkedCount = count();
        parkedCount.catch(() => {
          countedAt = Number.NEGATIVE_INFINITY;
        });
      }
      return (await parkedCount) < (forDeadLetter ? limit : limit * 0.9);
    },
    addParked() {
      parkedCount = parkedCount.then((known) => known + 1);
      parkedCount.catch(() => {});
    },
  };
}
