import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Request, RequestHandler } from 'express';
import type { AdmissionQueue } from '../../domain/admission-queue.ts';
import { messageOf } from '../../domain/errors.ts';
import type { ParkedRequest } from '../../domain/parked-request.ts';
import { quoteForMessage } from '../decode/bad-event.ts';
import { discardRest } from '../http/read-body.ts';
import { type Reply, sendReply, TOO_MANY_REQUESTS } from '../http/replies.ts';
import { Rejection } from '../receive/reject-request.ts';
import { type ReplayDeps, type Replayed, replayParked } from '../receive/replay-parked.ts';
import { type ParkedExecution, readParkedRun, settleParkedRun } from '../temporal/parked-runs.ts';
import { translateTemporalError } from '../temporal/temporal-errors.ts';
import type { IsOperator } from './operator-routes.ts';

export interface ReplayEndpointDeps extends ReplayDeps {
  readonly client: Client;
  readonly queue: AdmissionQueue;
  /**
   * True only if the request has an operator's token. On loopback without tokens, this is false, although everybody
   * is an operator.
   */
  readonly isTrusted: IsOperator;
  /** Called before a replay as operator. Such a replay is not checked against the senders of the request. */
  readonly onReplayAsOperator: (workflowId: string) => void;
}

/** The timeout of a replay, in ms. `sluice replay` waits for 15 s. */
const REPLAY_TIMEOUT_MS = 10_000;

/**
 * Handles `POST /parked/<id>/replay`: reads the parked request from Temporal, delivers its events, and closes its run.
 * The caller selects a request, but cannot change its bytes or its sender. With `?asOperator=true`, the caller sends
 * the events as its own, like any event with an operator's token.
 */
export function replayEndpoint(deps: ReplayEndpointDeps): RequestHandler<{ id: string }> {
  const { client, queue, onReplayAsOperator } = deps;
  const replay = async (workflowId: string, asOperator: boolean): Promise<Reply | Replayed> => {
    const deadline = Date.now() + REPLAY_TIMEOUT_MS;
    try {
      const found = await client.withDeadline(deadline, () => findParkedRequest(client, workflowId));
      if (found === undefined)
        return { status: 404, error: `there is no parked request ${quoteForMessage(workflowId)}` };
      const { execution, parked } = found;
      const slot = queue.tryEnter(parked.body.length);
      if (slot === undefined) return TOO_MANY_REQUESTS;
      try {
        if (asOperator) onReplayAsOperator(workflowId);
        const replayed = await replayParked(parked, deps, { asOperator, deadline });
        await client.withDeadline(deadline, () => settle(client, execution, replayed, asOperator));
        return replayed;
      } finally {
        slot.release();
      }
    } catch (error) {
      if (error instanceof Rejection) return { status: error.status, error: error.message };
      return { status: 503, error: messageOf(translateTemporalError(error, workflowId)) };
    }
  };
  return async (req, res) => {
    discardRest(req);
    const asOperator = req.query.asOperator !== undefined;
    const problem = asOperator ? whyNotAsOperator(req, deps) : undefined;
    const answer = problem ?? (await replay(req.params.id, asOperator));
    if ('runs' in answer) res.json(answer);
    else sendReply(res, answer);
  };
}

function whyNotAsOperator(
  req: Request<{ id: string }>,
  { isTrusted, senders }: ReplayEndpointDeps,
): Reply | undefined {
  if (req.query.asOperator !== 'true')
    return { status: 400, error: 'the query parameter asOperator must be true or missing' };
  if (senders.length === 0 || isTrusted(req)) return undefined;
  return { status: 403, error: 'a replay as operator requires a token of SLUICE_API_TOKENS' };
}

/** The latest run of a parked request. */
interface FoundRequest {
  readonly execution: ParkedExecution;
  readonly parked: ParkedRequest;
}

async function findParkedRequest(client: Client, workflowId: string): Promise<FoundRequest | undefined> {
  try {
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    const parked = await readParkedRun(client, { workflowId, runId });
    return parked && { execution: { workflowId, runId }, parked };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Closes the run of a replayed request, if it is open. */
async function settle(
  client: Client,
  execution: ParkedExecution,
  { runs, expired }: Replayed,
  asOperator: boolean,
): Promise<void> {
  const what = expired ?? `delivered to ${runs.map(({ workflowId }) => workflowId).join(', ')}`;
  const note = `${what.slice(0, MAX_NOTE_LENGTH)}${asOperator ? ', as operator' : ''}`;
  await settleParkedRun(client, execution, { outcome: 'replayed', note });
}

/** A batch can have a thousand runs. */
const MAX_NOTE_LENGTH = 500;
