import type { Response } from 'express';

interface ReplyRule {
  /**
   * When the gateway gives this answer. `docs/gateway.md` lists the answers to events. A test has a row for each
   * status.
   */
  readonly when: string;
  /** Seconds after which the sender should retry (`Retry-After`). Absent: the answer is final. */
  readonly retryAfter?: number;
  /**
   * True if the request is parked, because a person can repair the cause and replay it. Requests of unauthorised
   * senders are never parked, because they could fill the store.
   */
  readonly parked?: true;
}

/** Every answer of the gateway. Events are never answered 404 or 409: a Knative broker would retry them forever. */
export const REPLY_RULES = {
  200: { when: 'a query of an operator, or the webhook handshake' },
  202: { when: 'every run is started or signalled, now or before; no match; expired; an empty batch' },
  400: { when: 'not a CloudEvent; an attribute is missing or malformed; unknown specversion', parked: true },
  401: { when: 'missing or wrong credentials' },
  403: { when: 'valid credentials without permission; a web page calls a gateway on loopback' },
  404: { when: 'an unknown path' },
  405: { when: 'another method; with `Allow`' },
  413: { when: 'body, batch or number of JSON values too large; a dead letter too large to park' },
  415: { when: 'a CloudEvents format other than JSON; an unknown content encoding' },
  422: {
    when: 'the id or argument cannot be built; a time too far ahead; too many hops; Temporal rejects it',
    parked: true,
  },
  429: {
    when: 'the queue is full; no slot within 2 s; the bodies in flight take too much memory',
    retryAfter: 1,
  },
  500: { when: 'a bug; see the log' },
  503: {
    when: 'Temporal is unreachable, late (3 s) or denies access; no key; a dead letter cannot be parked',
    retryAfter: 2,
  },
} as const satisfies Readonly<Record<number, ReplyRule>>;

export type ReplyStatus = keyof typeof REPLY_RULES;

export const replyRuleFor = (status: ReplyStatus): ReplyRule => REPLY_RULES[status];

/** An HTTP answer. `error` is the sentence in the body; absent for an empty body. */
export interface Reply {
  readonly status: ReplyStatus;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
}

/** The answer if the gateway cannot accept a request now. */
export const TOO_MANY_REQUESTS = { status: 429, error: 'too many concurrent requests; retry later' } as const;

/** Returns the headers of an answer, with `Retry-After` if `REPLY_RULES` has a value for it. */
export function replyHeaders({ status, headers = {} }: Reply): Readonly<Record<string, string>> {
  const { retryAfter } = replyRuleFor(status);
  return retryAfter === undefined ? headers : { ...headers, 'Retry-After': String(retryAfter) };
}

/** If a dead-letter sink is set, Knative's dispatcher panics on longer error bodies. */
const MAX_ERROR_BODY_BYTES = 768;

/** Sends the answer: an empty body, or one JSON object with the sentence, under 768 bytes. */
export function sendReply(res: Response, reply: Reply): void {
  const { status, error } = reply;
  res.status(status).set(replyHeaders(reply));
  if (error === undefined) {
    res.end();
    return;
  }
  let text = error.slice(0, MAX_ERROR_BODY_BYTES);
  while (Buffer.byteLength(JSON.stringify({ error: text })) >= MAX_ERROR_BODY_BYTES)
    text = `${text.slice(0, text.length * 0.9)}…`;
  res.json({ error: text });
}
