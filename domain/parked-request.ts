import { createHash } from 'node:crypto';

/** The context of a parked event, as far as it could be read. */
export interface ParkedEventInfo {
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly time?: string;
}

/** What a Knative broker says about an event that it gave up on: `knativeerrordest`, `…code`, `…data`, decoded. */
export interface DeadLetterInfo {
  readonly destination?: string;
  readonly code?: number;
  readonly data?: string;
}

/** A request that was not worked off: all that is needed to look at it and to send it again. The argument of `parkedEvent`. */
export interface ParkedRequest {
  /** One sentence. */
  readonly reason: string;
  /** The answer's status by the table of answers, also where the sender asked for 202. */
  readonly status: number;
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly route?: string;
  readonly event: ParkedEventInfo;
  readonly deadLetter?: DeadLetterInfo;
  readonly path: string;
  /** Those that say what the body is, never credentials; values as Latin-1, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bodyEncoding: 'utf8' | 'base64';
}

/** What is shown of it in lists: the memo of its run. */
export type ParkedMemo = Pick<ParkedRequest, 'reason' | 'status' | 'receivedAt' | 'route' | 'event'> & {
  readonly bytes: number;
};

/** How a parked request ended: sent again and taken, or put aside by a person. */
export interface ParkedResult {
  readonly outcome: 'replayed' | 'dismissed' | 'expired';
  readonly note: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Headers that are kept: all others may hold a secret. */
const KEPT_HEADERS = /^(ce-.*|content-type|content-language|user-agent|x-request-id)$/;

/** The headers of a request that are parked with it. */
export function keptHeaders(headers: Headers): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => KEPT_HEADERS.test(name) && value !== undefined,
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** A body as text where it is UTF-8, so that people can read it; else as base64. */
export function encodeBody(body: Buffer): Pick<ParkedRequest, 'body' | 'bodyEncoding'> {
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body)
    ? { body: text, bodyEncoding: 'utf8' }
    : { body: body.toString('base64'), bodyEncoding: 'base64' };
}

/** The bytes of a parked body. */
export const decodeBody = ({ body, bodyEncoding }: Pick<ParkedRequest, 'body' | 'bodyEncoding'>): Buffer =>
  Buffer.from(body, bodyEncoding);

/** `parked:<h>`: the same request, however often it comes, is parked once. */
export function parkedWorkflowId(headers: Headers, body: Buffer): string {
  const content = createHash('sha256');
  const named = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('ce-'));
  for (const [name, value] of named.sort(([a], [b]) => (a < b ? -1 : 1)))
    content.update(`${name}: ${value}\n`);
  content.update('\n').update(body);
  const identity = JSON.stringify(['parked', content.digest('hex')]);
  return `parked:${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;
}
