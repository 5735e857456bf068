import { type CloudEvent, toJsonFormat } from '../../domain/cloud-event.ts';
import { BadEvent } from '../decode/bad-event.ts';
import { type DecodedRequest, decodeRequest } from '../decode/decode-request.ts';
import type { EventRequest } from '../http/event-request.ts';
import type { EventWithJson } from '../routes/route.ts';
import { type AuthoriseDeps, authorise, findAuthenticatedSender } from '../senders/authorise.ts';
import type { Sender } from '../senders/sender.ts';
import { Rejection } from './reject-request.ts';

/** An event that its sender may send. `sender` is the sender's entry in the routes file, if there is one. */
export interface AuthorisedEvent extends EventWithJson {
  readonly sender: Sender | undefined;
}

export interface DecodeDeps extends AuthoriseDeps {
  /** Called for each event that an operator sends, for the log. */
  readonly onOperatorEvent: (event: CloudEvent) => void;
}

/** Who sent a request, by its credentials. */
export interface Authentication {
  /** True if the request has a token of an operator. */
  readonly byOperator: boolean;
  /** A sender that the request may send events for. Without senders, and for an operator: undefined. */
  readonly sender: Sender | undefined;
}

/**
 * Checks the credentials of a request, by its headers and its body as it was received. Waits for keys and
 * certificates only if `checkHead` has not fetched them.
 * @throws Rejection (401 or 403) without valid credentials; Unavailable if a required key cannot be fetched
 */
export async function authenticate(
  request: EventRequest,
  { senders, isOperator }: AuthoriseDeps,
  deadline: number,
): Promise<Authentication> {
  const byOperator = senders.length > 0 && isOperator(request);
  if (senders.length === 0 || byOperator) return { byOperator, sender: undefined };
  const sender = await findAuthenticatedSender(senders, request, deadline);
  if ('reason' in sender) throw new Rejection(sender.status, sender.reason);
  return { byOperator, sender };
}

/**
 * Decodes the events of an authenticated request, and checks each event against the credentials of its sender. Do not
 * decode other requests: decoding takes memory, and the answer would show whether it succeeds.
 * @throws Rejection if the request is not an event or is not allowed
 */
export async function decodeAndAuthorise(
  request: EventRequest,
  { byOperator, sender: authenticated }: Authentication,
  { senders, onOperatorEvent }: DecodeDeps,
  deadline: number,
): Promise<{ batch: boolean; events: AuthorisedEvent[] }> {
  const trusted = senders.length === 0 || byOperator;
  let decoded: DecodedRequest;
  try {
    decoded = decodeRequest(request);
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    throw new Rejection(error.status, error.message, { sender: authenticated });
  }
  const events: AuthorisedEvent[] = [];
  for (const event of decoded.events) {
    if (byOperator) onOperatorEvent(event);
    const json = toJsonFormat(event);
    const verdict = trusted
      ? ({ status: 'allowed', sender: undefined } as const)
      : await authorise(senders, json, request, deadline);
    if (verdict.status !== 'allowed') throw new Rejection(verdict.status, verdict.reason, { event });
    events.push({ event, json, sender: verdict.sender });
  }
  return { batch: decoded.batch, events };
}
