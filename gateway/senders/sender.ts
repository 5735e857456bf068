import { matches, type Pattern } from '../../domain/event-pattern.ts';
import type { Credential } from '../auth/credentials.ts';

/** Which origins the webhook handshake allows, and at which rate. */
export interface WebhookConsent {
  /** Allowed origins in lower case, or `*` for all. */
  readonly origins: readonly string[];
  /** Requests per minute, or `*` for no limit. */
  readonly rate: number | '*';
}

/** The sender of certain events: its credentials, and what to do with events that are unmatched or rejected. */
export interface Sender {
  readonly name: string;
  /** Absent: every event matches. */
  readonly match: Pattern | undefined;
  /** One of these must be valid. If empty, no credentials are required. */
  readonly credentials: readonly Credential[];
  readonly webhook?: WebhookConsent;
  /** Park events that no route matches. */
  readonly parkUnmatched: boolean;
  /** Acknowledge rejected requests that are parked, for senders that would keep retrying. */
  readonly ackParked: boolean;
}

/** Returns the sender that an event (in JSON format) belongs to: the first match, or undefined. */
export function findSender(senders: readonly Sender[], event: unknown): Sender | undefined {
  return senders.find(({ match }) => match === undefined || matches(match, event));
}
