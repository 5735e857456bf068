import type { CloudEvent } from '../../domain/cloud-event.ts';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { ParkedEventInfo } from '../../domain/parked-request.ts';
import { decodeHeaderValue } from '../decode/decode-binary.ts';
import type { EventRequest } from '../http/event-request.ts';
import { type Reply, replyRuleFor } from '../http/replies.ts';
import { type AuthoriseDeps, proveSenders } from '../senders/authorise.ts';
import type { Sender } from '../senders/sender.ts';
import type { EventResult } from '../temporal/event-result.ts';
import type { ParkRequest } from '../temporal/park-request.ts';

/** The error for a request that is rejected for good. `status` is the HTTP status of the answer. */
export class Rejection extends Error {
  readonly status: 400 | 401 | 403 | 413 | 415 | 422;
  readonly event: CloudEvent | undefined;
  readonly route: string | undefined;
  readonly sender: Sender | undefined;

  constructor(
    status: Rejection['status'],
    reason: string,
    about: {
      readonly event?: CloudEvent | undefined;
      readonly route?: string | undefined;
      readonly sender?: Sender | undefined;
    } = {},
  ) {
    super(reason);
    this.name = 'Rejection';
    this.status = status;
    this.event = about.event;
    this.route = about.route;
    this.sender = about.sender;
  }
}

/** These answers do not show which senders exist. The log has the reason. */
const UNAUTHORISED = {
  401: 'the request has no valid credentials for this event',
  403: 'the credentials of the request are not for this event',
} as const;

/**
 * Answers a rejected request. Parks it if its status has `parked` in `REPLY_RULES`. The status stays the same even if
 * parking fails. Exception: a sender with `ackParked` gets 202 for a parked request, and 503 if the request cannot be
 * parked now.
 */
export async function rejectRequest(
  request: EventRequest,
  rejection: Rejection,
  deps: AuthoriseDeps & { readonly park: ParkRequest; readonly onResult: (result: EventResult) => void },
  deadline: number,
): Promise<Reply> {
  const { park, onResult } = deps;
  const { status, message: reason, route, sender } = rejection;
  const { parked } = replyRuleFor(status);
  const maxBytes = parked ? MAX_PARSED_BYTES : MAX_PARSED_UNPARKED_BYTES;
  const eventInfo: ParkedEventInfo = rejection.event ?? readUncheckedContext(request, maxBytes);
  const result: EventResult = { event: eventInfo, route, outcome: 'rejected', reason };
  if (!parked) {
    const isUnauthorised = status === 401 || status === 403;
    onResult({ ...result, ...(isUnauthorised ? { isUnauthorised } : {}) });
    return { status, error: isUnauthorised ? UNAUTHORISED[status] : reason };
  }
  try {
    const proof = await proveSenders(request, deps, deadline);
    const parkResult = await park(request, { reason, status, route, event: eventInfo, proof }, deadline);
    onResult({
      ...result,
      ...('workflowId' in parkResult
        ? { parked: parkResult.workflowId, parkedBefore: parkResult.alreadyParked === true }
        : { reason: `${reason} (${parkResult.reason})` }),
    });
    if (sender?.ackParked && 'workflowId' in parkResult) return { status: 202 };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof InvalidInput)) throw error;
    onResult({ ...result, reason: `${reason} (not parked: ${messageOf(error)})` });
    if (sender?.ackParked && error instanceof Unavailable) return { status: 503, error: messageOf(error) };
  }
  return { status, error: reason };
}

const CONTEXT_ATTRIBUTES = ['id', 'source', 'type', 'subject', 'time'] as const;

/** Larger requests are not parked, so parsing them is not worth the memory. */
const MAX_PARSED_BYTES = 256 * 1024;

/** The body of a request that is not parked is read only for the log. Anybody can send such requests. */
const MAX_PARSED_UNPARKED_BYTES = 16 * 1024;

/** Longer values are not useful for finding a request. */
const MAX_VALUE_LENGTH = 255;

/**
 * Reads the context attributes of a request that is not a valid event. The values are not checked. Parses only bodies of
 * up to `maxBytes`.
 */
export function readUncheckedContext(
  { headers, body }: Pick<EventRequest, 'headers' | 'body'>,
  maxBytes = MAX_PARSED_BYTES,
): ParkedEventInfo {
  const json = body.length > maxBytes ? {} : parseMembers(body);
  const found = CONTEXT_ATTRIBUTES.map((name) => [name, readHeader(name, headers) ?? json[name]] as const);
  return Object.fromEntries(
    found.filter(
      ([, value]) => typeof value === 'string' && value !== '' && value.length <= MAX_VALUE_LENGTH,
    ),
  );
}

function readHeader(name: string, headers: EventRequest['headers']): string | undefined {
  const value = headers[`ce-${name}`];
  try {
    return value === undefined ? undefined : decodeHeaderValue(name, String(value));
  } catch {
    return undefined;
  }
}

type Members = Readonly<Record<string, unknown>>;

function parseMembers(body: Buffer): Members {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
  } catch {
    return {};
  }
}
