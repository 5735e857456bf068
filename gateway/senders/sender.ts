import { matches, type Pattern } from '../../domain/event-pattern.ts';
import type { CredentialCheck } from '../auth/credentials.ts';

/** The origins that the webhook handshake allows, and the rate of requests. */
export interface WebhookConsent {
  /** Allowed origins in lower case, or `*` for all. */
  readonly origins: readonly string[];
  /** Requests per minute, or `*` for no limit. */
  readonly rate: number | '*';
}

/** The sender of certain events: its credentials, and what the gateway does with its unmatched and parked events. */
export interface Sender {
  readonly name: string;
  /** Absent: every event matches. */
  readonly match: Pattern | undefined;
  /** A request must have one of these credentials. If the list is empty, no credentials are required. */
  readonly credentials: readonly CredentialCheck[];
  readonly webhook?: WebhookConsent;
  /** Park events that no route matches. */
  readonly parkUnmatched: boolean;
  /** Answer 202 to rejected requests that are parked, because the sender would otherwise retry again and again. */
  readonly ackParked: boolean;
}

/** Returns the sender that an event (in JSON format) belongs to: the first match, or undefined. */
export function findSender(senders: readonly Sender[], event: unknown): Sender | undefined {
  return senders.find(({ match }) => match === undefined || matches(match, event));
}
