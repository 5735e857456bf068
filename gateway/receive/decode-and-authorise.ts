import { toJsonFormat } from '../../domain/cloud-event.ts';
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

/**
 * Decodes a request's events and checks each event against the credentials of its sender. Without valid
 * credentials, the answer is 401 even if the request cannot be decoded. So an unauthorised sender does not learn
 * whether its request can be decoded.
 * @throws Rejection if the request is not an event or is not allowed; Unavailable if a required key cannot be fetched
 */
export async function decodeAndAuthorise(
  request: EventRequest,
  { senders, isOperator }: AuthoriseDeps,
  deadline: number,
): Promise<{ batch: boolean; events: AuthorisedEvent[] }> {
  const trusted = senders.length === 0 || isOperator(request);
  let decoded: DecodedRequest;
  try {
    decoded = decodeRequest(request);
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    const senderOr401 = trusted ? undefined : await findAuthenticatedSender(senders, request, deadline);
    if (senderOr401 === 401) throw new Rejection(401, 'the request has no valid credentials');
    throw new Rejection(error.status, error.message, { sender: senderOr401 });
  }
  const events: AuthorisedEvent[] = [];
  for (const event of decoded.events) {
    const json = toJsonFormat(event);
    const verdict = trusted
      ? ({ status: 'allowed', sender: undefined } as const)
      : await authorise(senders, json, request, deadline);
    if (verdict.status !== 'allowed') throw new Rejection(verdict.status, verdict.reason, { event });
    events.push({ event, json, sender: verdict.sender });
  }
  return { batch: decoded.batch, events };
}
