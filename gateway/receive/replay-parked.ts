import { toJsonFormat } from '../../domain/cloud-event.ts';
import type { ParkedRequest } from '../../domain/parked-request.ts';
import { BadEvent } from '../decode/bad-event.ts';
import { type DecodedRequest, decodeRequest } from '../decode/decode-request.ts';
import type { Route } from '../routes/route.ts';
import { authoriseReplay } from '../senders/authorise.ts';
import type { Sender } from '../senders/sender.ts';
import type { DeliverAll, Delivery } from '../temporal/deliver-events.ts';
import type { EventResult } from '../temporal/event-result.ts';
import type { AuthorisedEvent } from './decode-and-authorise.ts';
import { originalRequest } from './original-request.ts';
import { deliverPlan, planDeliveries } from './plan-deliveries.ts';
import { Rejection } from './reject-request.ts';

export interface ReplayDeps {
  readonly senders: readonly Sender[];
  readonly routes: readonly Route[];
  readonly deliverAll: DeliverAll;
  readonly onResult: (result: EventResult) => void;
}

/** What a replay did. */
export interface Replayed {
  /** The runs that were started or signalled, now or before. */
  readonly runs: readonly { readonly route: string; readonly workflowId: string }[];
  /** Why nothing was started, if every event that matched has expired. */
  readonly expired?: string;
}

/**
 * Delivers the events of a parked request before `deadline` (epoch ms), as if its sender sent the same bytes now. The
 * gateway decodes the bytes again. It authorises each event by the senders whose credentials the request had.
 * `asOperator` skips the authorisation. Parks nothing.
 * @throws Rejection if the request cannot be decoded, authorised or delivered, or if no run is open for one of its
 * signals; Unavailable if Temporal fails
 */
export async function replayParked(
  parked: ParkedRequest,
  { senders, routes, deliverAll, onResult }: ReplayDeps,
  { asOperator, deadline }: { readonly asOperator: boolean; readonly deadline: number },
): Promise<Replayed> {
  const events = decodeParked(parked).events.map((event): AuthorisedEvent => {
    const json = toJsonFormat(event);
    if (asOperator) return { event, json, sender: undefined };
    const verdict = authoriseReplay(senders, json, parked.proof);
    if (verdict.status !== 'allowed') throw new Rejection(verdict.status, verdict.reason, { event });
    return { event, json, sender: verdict.sender };
  });
  const plan = planDeliveries(events, routes, Date.now());
  const expired = plan.resultsWithoutRun.filter(({ outcome }) => outcome === 'expired');
  if (plan.deliveries.length === 0 && expired.length === 0) {
    const why = plan.resultsWithoutRun.find(({ reason }) => reason !== undefined)?.reason;
    throw new Rejection(422, `no route matches the event${why === undefined ? '' : `: ${why}`}`);
  }
  for (const result of plan.resultsWithoutRun) onResult(result);
  const unawaited = await deliverPlan(plan, events, deliverAll, deadline);
  if (unawaited.length > 0) throw new Rejection(422, whyUnawaited(unawaited));
  return {
    runs: plan.deliveries.map(({ runRequest: { route, workflowId } }) => ({ route, workflowId })),
    ...(plan.deliveries.length === 0 ? { expired: expired[0]?.reason ?? '' } : {}),
  };
}

/**
 * Returns why a replay without an open run is rejected. A sender's request succeeds without an open run. But a replay
 * closes the parked request, so the replay must have an effect.
 */
function whyUnawaited([first, ...others]: readonly Delivery[]): string {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const { route, workflowId } = first?.runRequest ?? {};
  return `route ${route} signals only an open run, and no run ${workflowId} is open${more}; the request stays parked`;
}

function decodeParked(parked: ParkedRequest): DecodedRequest {
  try {
    return decodeRequest(originalRequest(parked));
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    throw new Rejection(error.status, error.message);
  }
}
