import { matches, type Pattern } from '../../domain/event-pattern.ts';
import type { Credential } from '../auth/credentials.ts';

/** Whom the webhook handshake lets send, and how often. */
export interface WebhookConsent {
  /** Origins in lower case, or `*` for every one. */
  readonly origins: readonly string[];
  /** Requests a minute, or `*` for no limit. */
  readonly rate: number | '*';
}

/** Who sends certain events, how it proves that it does, and what becomes of events that cannot be used. */
export interface Sender {
  readonly name: string;
  /** Absent: every event. */
  readonly match: Pattern | undefined;
  /** One of these must hold; with none nobody needs to prove anything. */
  readonly credentials: readonly Credential[];
  readonly webhook?: WebhookConsent;
  /** Events that no route matches are parked. */
  readonly parkUnmatched: boolean;
  /** What was parked because it is wrong is acknowledged, for senders that would go on trying. */
  readonly ackParked: boolean;
}

/** The source that an event (in JSON format) is of: the first that fits it; undefined when none does. */
export function findSender(senders: readonly Sender[], event: unknown): Sender | undefined {
  return senders.find(({ match }) => match === undefined || matches(match, event));
}
