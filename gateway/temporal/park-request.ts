import { createHash } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { markdownText } from '../../domain/markdown-text.ts';
import {
  type DeadLetterInfo,
  encodeBody,
  keptHeaders,
  type ParkedEventInfo,
  type ParkedMemo,
  type ParkedRequest,
  parkedWorkflowId,
  type SenderProof,
} from '../../domain/parked-request.ts';
import { parkedEventSignals, taskQueues, workflowTypes } from '../../domain/temporal-contract.ts';
import { withSignalRequestId } from '../../runtime/signal-request-id.ts';
import type { EventRequest } from '../http/event-request.ts';
import { runSearchAttributes } from './search-attributes.ts';
import { MAX_SUMMARY_LENGTH } from './start-run.ts';
import { translateTemporalError } from './temporal-errors.ts';

/** Why a request is parked. */
export interface ParkDetails {
  readonly reason: string;
  readonly status: number;
  readonly route?: string | undefined;
  readonly event: ParkedEventInfo;
  readonly deadLetter?: DeadLetterInfo;
  readonly proof: SenderProof;
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
  return async (request, { reason, status, route, event, deadLetter, proof }, deadline) => {
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
      ...{ proof, path: request.path, headers: keptHeaders(request.headers), ...encodeBody(request.body) },
    };
    const memo: ParkedMemo = { ...summary, bytes };
    const start = (): Promise<unknown> =>
      client.workflow.start(workflowTypes.parkedEvent, {
        taskQueue: taskQueues.parked,
        workflowId,
        args: [parked],
        // The same request may arrive again after a person replayed or dismissed the parked one. It then gets a new
        // run, because the gateway still rejects it.
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        memo: { parked: memo },
        staticSummary: markdownText(`${status} ${reason}`, MAX_SUMMARY_LENGTH),
        typedSearchAttributes: runSearchAttributes(route, context),
      });
    try {
      return await client.withDeadline(deadline, async () => {
        const full = await capacity.whyFull({
          isDeadLetter: deadLetter !== undefined,
          senders: proof.senders,
        });
        if (full !== undefined && !(await isAlreadyParked(client, workflowId)))
          return { reason: `not parked: ${full}` };
        // The open run may end between its detection and the signal. Then a new run can start. The deadline ends the loop.
        for (;;) {
          try {
            await start();
            capacity.addParked(proof.senders);
            return { workflowId };
          } catch (error) {
            if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
            if (await addProof(client, workflowId, proof)) return { workflowId, alreadyParked: true };
          }
        }
      });
    } catch (error) {
      throw translateTemporalError(error, workflowId);
    }
  };
}

/**
 * Adds the senders of a request to the open run that keeps the same request. The server drops a proof that the run has
 * already received. Returns false if no run is open.
 */
async function addProof(client: Client, workflowId: string, proof: SenderProof): Promise<boolean> {
  if (proof.senders.length === 0 && !proof.operator) return true;
  const requestId = createHash('sha256').update(JSON.stringify(proof)).digest('hex');
  try {
    await withSignalRequestId(client, requestId, () =>
      client.workflow.getHandle(workflowId).signal<[SenderProof]>(parkedEventSignals.sentAgain, proof),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
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
   * Returns why no more requests of these senders may be parked; undefined if one more may be parked. The last tenth of
   * the limit is for dead letters, because nothing else keeps them. Each sender may use a quarter of the limit in 24
   * hours, so that one sender does not use up the limit of all. This does not hold for dead letters: one broker sends
   * those of many senders.
   */
  whyFull(request: {
    readonly isDeadLetter: boolean;
    readonly senders: readonly string[];
  }): Promise<string | undefined>;
  /** Counts one more parked request of these senders. */
  addParked(senders: readonly string[]): void;
}

/**
 * How long a count from Temporal is used. Until the next count, this process adds the requests that it parks itself.
 */
const COUNT_CACHE_MS = 10_000;

const SENDER_SHARE = 0.25;

/** The requests of one sender start at zero again after this time. */
const SENDER_PERIOD_MS = 24 * 60 * 60_000;

/**
 * Creates the capacity for `limit` requests. `count` returns the number of parked requests. Several gateways together
 * may exceed the limit slightly. Each gateway counts the requests of a sender itself. `clock` returns milliseconds.
 */
export function createParkingCapacity(
  limit: number,
  count: () => Promise<number>,
  clock = (): number => performance.now(),
): ParkingCapacity {
  let countedAt = Number.NEGATIVE_INFINITY;
  let parkedCount: Promise<number> = Promise.resolve(0);
  const senderCounts = new Map<string, { readonly since: number; parked: number }>();
  const senderCount = (sender: string) => {
    const known = senderCounts.get(sender);
    if (known !== undefined && clock() - known.since < SENDER_PERIOD_MS) return known;
    const fresh = { since: clock(), parked: 0 };
    senderCounts.set(sender, fresh);
    return fresh;
  };
  return {
    async whyFull({ isDeadLetter, senders }) {
      if (clock() - countedAt > COUNT_CACHE_MS) {
        countedAt = clock();
        parkedCount = count();
        parkedCount.catch(() => {
          countedAt = Number.NEGATIVE_INFINITY;
        });
      }
      if ((await parkedCount) >= (isDeadLetter ? limit : limit * 0.9))
        return 'the limit of parked requests is reached';
      const share = Math.ceil(limit * SENDER_SHARE);
      const sender = isDeadLetter ? undefined : senders.find((name) => senderCount(name).parked >= share);
      return sender && `${share} requests of the sender ${sender} were parked within 24 hours`;
    },
    addParked(senders) {
      for (const sender of senders) senderCount(sender).parked += 1;
      parkedCount = parkedCount.then((known) => known + 1);
      parkedCount.catch(() => {});
    },
  };
}
