import { eventLookupPath, toJsonText } from '../../domain/cloud-event.ts';
import { messageOf, Unavailable } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { withoutUncoveredHeaders } from '../auth/signature-headers.ts';
import type { EventRequest, EventRequestHead } from '../http/event-request.ts';
import type { Reply } from '../http/replies.ts';
import type { Route } from '../routes/route.ts';
import { proveSenders, UncheckedCredentials } from '../senders/authorise.ts';
import type { Sender } from '../senders/sender.ts';
import { type DeliverAll, MAX_CONCURRENT_DELIVERIES } from '../temporal/deliver-events.ts';
import type { EventResult } from '../temporal/event-result.ts';
import type { ParkRequest } from '../temporal/park-request.ts';
import {
  type Authentication,
  type AuthorisedEvent,
  authenticate,
  type DecodeDeps,
  decodeAndAuthorise,
} from './decode-and-authorise.ts';
import { type DeliveryPlan, deliverPlan, planDeliveries } from './plan-deliveries.ts';
import { Rejection, rejectRequest } from './reject-request.ts';

export interface ReceiveDeps extends DecodeDeps {
  readonly routes: readonly Route[];
  readonly deliverAll: DeliverAll;
  readonly park: ParkRequest;
  /** Called once per event and route, for logs and metrics. */
  readonly onResult: (result: EventResult) => void;
}

/**
 * If a sender may sign its requests, returns a signed request without the headers that its signature does not cover.
 */
export const withSignedHeadersOnly = (head: EventRequestHead, { senders }: ReceiveDeps): EventRequestHead =>
  acceptsSignatures(senders) ? withoutUncoveredHeaders(head) : head;

/**
 * Handles an authenticated request: decodes its events, authorises their senders, finds their routes, and starts or
 * signals their workflows. Answers 202 with an empty body only after everything is stored in Temporal. An invalid
 * request is rejected and parked as a whole, before anything is started. `deadline` is in epoch ms: if Temporal has not
 * answered at the deadline, the answer is 503.
 */
export async function receiveEvents(
  request: EventRequest,
  authentication: Authentication,
  deps: ReceiveDeps,
  deadline: number,
): Promise<Reply> {
  try {
    const decoding = decodeAndAuthorise(request, authentication, deps, deadline);
    const { batch, events } = await reportUnavailable(deps, decoding);
    const plan = planOrReport(events, deps, batch);
    for (const result of plan.resultsWithoutRun) deps.onResult(result);
    await reportUnavailable(deps, parkUnmatched(plan.toPark, request, deps, deadline));
    await deliverPlan(plan, events, deps.deliverAll, deadline);
    const [only] = events;
    // A signal that starts no run may have had no effect, so there may be no run to look up.
    const hasRun = plan.deliveries.some(({ runRequest: { start } }) => start !== false);
    if (batch || only === undefined || !hasRun) return { status: 202 };
    const location = eventLookupPath(only.event);
    return { status: 202, headers: location.length > MAX_LOCATION_LENGTH ? {} : { Location: location } };
  } catch (error) {
    if (error instanceof Rejection) return rejectRequest(request, error, deps, deadline);
    if (!(error instanceof Unavailable)) throw error;
    return { status: 503, error: messageOf(error) };
  }
}

const acceptsSignatures = (senders: readonly Sender[]): boolean =>
  senders.some(({ credentials }) => credentials.some(({ kind }) => kind === 'eventbridge'));

/**
 * Plans the deliveries of a request. If one event of a batch is rejected, the whole batch is rejected, and the reason
 * names the event. The results of the other events have this reason, too.
 */
function planOrReport(
  events: readonly AuthorisedEvent[],
  { routes, onResult }: ReceiveDeps,
  batch: boolean,
): DeliveryPlan {
  try {
    return planDeliveries(events, routes, Date.now());
  } catch (error) {
    if (!batch || !(error instanceof Rejection)) throw error;
    const index = events.findIndex(({ event }) => event === error.event);
    const reason = `event ${index} of the batch: ${error.message}`;
    for (const { event } of events)
      if (event !== error.event)
        onResult({ event, outcome: 'rejected', reason: `with its batch, because of ${reason}` });
    throw new Rejection(error.status, reason, error);
  }
}

/** The maximum length of the header `Location`. Clients and proxies reject an answer with a longer header. */
const MAX_LOCATION_LENGTH = 4_096;

/** Parks unmatched events whose sender has `parkUnmatched`. */
async function parkUnmatched(
  toPark: readonly AuthorisedEvent[],
  request: EventRequest,
  deps: ReceiveDeps,
  deadline: number,
): Promise<void> {
  if (toPark.length === 0) return;
  const { park, onResult } = deps;
  const proof = await proveSenders(request, deps, deadline);
  await forEachParallel(toPark, MAX_CONCURRENT_DELIVERIES, async ({ event }) => {
    const structuredRequest = {
      ...{ path: request.path, accessToken: undefined, body: Buffer.from(toJsonText(event)) },
      headers: { 'content-type': 'application/cloudevents+json' },
    };
    const reason = 'no route matches the event';
    const parked = await park(structuredRequest, { reason, status: 202, event, proof }, deadline);
    if ('workflowId' in parked) onResult({ event, outcome: 'parked', parked: parked.workflowId, reason });
    else onResult({ event, outcome: 'unmatched', reason: parked.reason });
  });
}

/** Returns who sent a request, or the answer to a request without valid credentials. */
export async function authenticateOrReject(
  request: EventRequest,
  deps: ReceiveDeps,
  deadline: number,
): Promise<Authentication | Reply> {
  try {
    return await reportUnavailable(deps, authenticate(request, deps, deadline));
  } catch (error) {
    if (error instanceof Rejection) return rejectRequest(request, error, deps, deadline);
    if (!(error instanceof Unavailable)) throw error;
    return { status: 503, error: messageOf(error) };
  }
}

/** Returns the reason for the log, which may name more than the answer. */
export const logReasonOf = (error: Unavailable): string =>
  messageOf(error instanceof UncheckedCredentials ? error.cause : error);

/**
 * Waits for `work`, which authorises or parks an event. If `work` fails as `Unavailable`, reports the outcome
 * `deferred`. Not used for starts and signals, because `deliverAll` reports their failures itself.
 */
async function reportUnavailable<T>({ onResult }: ReceiveDeps, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Unavailable) onResult({ outcome: 'deferred', reason: logReasonOf(error) });
    throw error;
  }
}
