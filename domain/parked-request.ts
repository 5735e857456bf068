import { createHash } from 'node:crypto';

/** The attributes of a parked event, if they could be read. */
export interface ParkedEventInfo {
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly time?: string;
}

/**
 * The attributes that a sender adds to a dead letter, decoded: a Knative broker adds `knativeerrordest`,
 * `knativeerrorcode` and `knativeerrordata`.
 */
export interface DeadLetterInfo {
  /** Why Sluice's source gave up on the event (`sluiceerror`). */
  readonly sourceReason?: string;
  readonly destination?: string;
  readonly code?: number;
  readonly data?: string;
}

/** Whose credentials a request had. A replay may start only what the same request could start. */
export interface SenderProof {
  /** The names of the senders (entries of `sources`) whose credentials were valid. */
  readonly senders: readonly string[];
  /** True if the request had a token of an operator, who may send the events of every sender. */
  readonly operator?: true;
}

/** A parked request with all data that is needed to inspect and replay it. The argument of `parkedEvent`. */
export interface ParkedRequest {
  /** Why the request was parked, in one sentence. */
  readonly reason: string;
  /** The HTTP status that describes the problem. The sender may have received 202 instead. */
  readonly status: number;
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly route?: string;
  readonly event: ParkedEventInfo;
  readonly deadLetter?: DeadLetterInfo;
  /** Absent: an older version parked the request. */
  readonly proof?: SenderProof;
  readonly path: string;
  /**
   * The event's attributes, the headers that describe the body, `user-agent` and `x-request-id`; never credentials.
   * Values in Latin-1, unchanged. A repeated header is a list: joined, it would be a value that the sender did not send.
   */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  readonly bodyEncoding: 'utf8' | 'base64';
}

/** The summary of a parked request for lists. It is the memo of the run. */
export type ParkedMemo = Pick<ParkedRequest, 'reason' | 'status' | 'receivedAt' | 'route' | 'event'> & {
  readonly bytes: number;
};

/**
 * How a parked request ended. `replayed`: it was sent again and accepted. `dismissed`: a person dismissed it.
 * `expired`: it was parked for 30 days.
 */
export interface ParkedResult {
  readonly outcome: 'replayed' | 'dismissed' | 'expired';
  readonly note: string;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers that are kept. Any other header may hold a secret. */
const KEPT_HEADERS = /^(ce-.*|content-type|content-language|user-agent|x-request-id)$/;

/** Returns the headers of a request that are parked with it. */
export function keptHeaders(headers: Headers): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      KEPT_HEADERS.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}

/** Encodes a body as text if it is UTF-8, so that people can read it, else as base64. */
export function encodeBody(body: Buffer): Pick<ParkedRequest, 'body' | 'bodyEncoding'> {
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body)
    ? { body: text, bodyEncoding: 'utf8' }
    : { body: body.toString('base64'), bodyEncoding: 'base64' };
}

/** Returns the bytes of a parked body. */
export const decodeBody = ({ body, bodyEncoding }: Pick<ParkedRequest, 'body' | 'bodyEncoding'>): Buffer =>
  Buffer.from(body, bodyEncoding);

/** Returns the id `parked:<hash>`. The same request gets the same id, so it is parked once. */
export function parkedWorkflowId(headers: Headers, body: Buffer): string {
  const content = createHash('sha256');
  const named = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('ce-'));
  for (const [name, value] of named.sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const each of Array.isArray(value) ? value : [value]) content.update(`${name}: ${each}\n`);
  content.update('\n').update(body);
  const identity = JSON.stringify(['parked', content.digest('hex')]);
  return `parked:${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;
}
