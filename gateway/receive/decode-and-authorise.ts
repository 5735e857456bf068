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

/**
 * Decodes a request's events and checks each event against the credentials of its sender. A request without valid
 * credentials is not decoded: decoding takes memory, and the answer would show whether it succeeds.
 * @throws Rejection if the request is not an event or is not allowed; Unavailable if a required key cannot be fetched
 */
export async function decodeAndAuthorise(
  request: EventRequest,
  { senders, isOperator, onOperatorEvent }: DecodeDeps,
  deadline: number,
): Promise<{ batch: boolean; events: AuthorisedEvent[] }> {
  const byOperator = senders.length > 0 && isOperator(request);
  const trusted = senders.length === 0 || byOperator;
  const authenticated = trusted ? undefined : await findAuthenticatedSender(senders, request, deadline);
  if (authenticated !== undefined && 'reason' in authenticated)
    throw new Rejection(authenticated.status, authenticated.reason);
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
