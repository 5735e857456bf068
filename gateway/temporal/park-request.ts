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
 * Parks a request durably, before `deadline` (epoch ms). Returns the run that keeps the request; `alreadyParked` is
 * true if that run was already open. If the request is too large or the limit is reached, returns why it is not
 * parked. Throws `Unavailable` if Temporal fails.
 */
export type ParkRequest = (
  request: EventRequest,
  parking: ParkDetails,
  deadline: number,
) => Promise<{ workflowId: string; alreadyParked?: true } | { reason: string; tooLarge?: true }>;

/** Parks requests in Temporal as runs of `parkedEvent`. Equal requests have the same workflow id. */
export function createTemporalParking(
  client: Client,
  { capacity, maxBytes }: { capacity: ParkingCapacity; maxBytes: number },
): ParkRequest {
  return async (request, { reason, status, route, event, deadLetter }, deadline) => {
    const bytes = request.body.length;
    if (bytes > maxBytes)
      return {
        reason: `not parked: the body has ${bytes} bytes; allowed: at most ${maxBytes}`,
        tooLarge: true,
      };
    const workflowId = parkedWorkflowId(request.headers, request.body);
    const { id, source, type, subject, time } = event;
    const context = Object.fromEntries(
      Object.entries({ id, source, type, subject, time }).filter(([, value]) => value !== undefined),
    );
    const summary = {
      ...{ reason, status, receivedAt: new Date().toISOString(), event: context },
      ...(route === undefined ? {} : { route }),
    };
    const parked: ParkedRequest = {
      ...summary,
      ...(deadLetter === undefined ? {} : { deadLetter }),
      ...{ path: request.path, headers: keptHeaders(request.headers), ...encodeBody(request.body) },
    };
    const memo: ParkedMemo = { ...summary, bytes };
    try {
      return await client.withDeadline(deadline, async () => {
        if (
          !(await capacity.canPark(deadLetter !== undefined)) &&
          !(await isAlreadyParked(client, workflowId))
        )
          return { reason: 'not parked: the limit of parked requests is reached' };
        await client.workflow.start(workflowTypes.parkedEvent, {
          taskQueue: taskQueues.parked,
          workflowId,
          args: [parked],
          // The same request may arrive again after a person replayed or dismissed the parked one. It then gets a new
          // run, because the gateway still rejects it.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          memo: { parked: memo },
          staticSummary: `${status} ${reason}`.slice(0, 200),
          typedSearchAttributes: runSearchAttributes(route, context),
        });
        capacity.addParked();
        return { workflowId };
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, alreadyParked: true };
      throw translateTemporalError(error, workflowId);
    }
  };
}

/** Returns true if an open run already keeps the request. */
async function isAlreadyParked(client: Client, workflowId: string): Promise<boolean> {
  const known = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return known?.status.name === 'RUNNING';
}

/** Limits the number of parked requests. */
export interface ParkingCapacity {
  /**
   * True if one more request may be parked. The last tenth of the limit is for dead letters, because nothing else
   * keeps them.
   */
  canPark(forDeadLetter: boolean): Promise<boolean>;
  /** Counts one more parked request. */
  addParked(): void;
}

/**
 * How long a count from Temporal is used. Until the next count, this process adds the requests that it parks itself.
 */
const COUNT_CACHE_MS = 10_000;

/**
 * Creates the capacity for `limit` requests. `count` returns the number of parked requests. Several gateways together
 * may exceed the limit slightly.
 */
export function createParkingCapacity(limit: number, count: () => Promise<number>): ParkingCapacity {
  let countedAt = Number.NEGATIVE_INFINITY;
  let parkedCount: Promise<number> = Promise.resolve(0);
  return {
    async canPark(forDeadLetter) {
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
