import type { Response } from 'express';

interface ReplyRule {
  /** When it is given; `docs/gateway.md` says the same to users, and its test has a row for each. */
  readonly when: string;
  /** Seconds after which the sender should come again, sent as `Retry-After`; absent: the answer is final. */
  readonly retryAfter?: number;
  /** The request is parked: a person can repair it. Who may not send must not fill our store. */
  readonly parked?: true;
}

/** Every answer of the gateway. No event is answered 404 or 409: a Knative broker would send it again for ever. */
export const REPLY_RULES = {
  200: { when: 'an operator’s question, or the webhook handshake' },
  202: { when: 'every run is started or signalled, or was before; nothing matches; expired; an empty batch' },
  400: { when: 'not a CloudEvent; an attribute is missing or malformed; unknown specversion', parked: true },
  401: { when: 'no credentials, or wrong ones' },
  403: { when: 'good credentials of somebody who may not; a page of the web asks a gateway on loopback' },
  404: { when: 'a path that takes no events and answers no questions' },
  405: { when: 'another method; with `Allow`' },
  413: { when: 'body, batch or number of JSON containers too large; a dead letter too large to be parked' },
  415: { when: 'a CloudEvents format other than JSON; an unknown content encoding' },
  422: {
    when: 'a matched route whose id or argument cannot be built; a time too far ahead; too many hops; Temporal will never take it',
    parked: true,
  },
  429: {
    when: 'too many wait already; no slot came free within 2 s; the bodies under way take too much memory',
    retryAfter: 1,
  },
  500: { when: 'our bug; the log says more' },
  503: {
    when: 'Temporal is away, late (3 s) or refuses us; a key cannot be fetched; a dead letter cannot be parked now',
    retryAfter: 2,
  },
} as const satisfies Readonly<Record<number, ReplyRule>>;

export type ReplyStatus = keyof typeof REPLY_RULES;

export const replyRuleFor = (status: ReplyStatus): ReplyRule => REPLY_RULES[status];

/** An HTTP answer; `error` is the one sentence of the body, absent where the body is empty. */
export interface Reply {
  readonly status: ReplyStatus;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
}

/** The answer to what cannot be taken now. */
export const TOO_MANY_REQUESTS = { status: 429, error: 'too many requests at once; send it again' } as const;

/** An answer's own headers, and `Retry-After` where the table says so. */
export function replyHeaders({ status, headers = {} }: Reply): Readonly<Record<string, string>> {
  const { retryAfter } = replyRuleFor(status);
  return retryAfter === undefined ? headers : { ...headers, 'Retry-After': String(retryAfter) };
}

/** Knative's dispatcher panics on longer error bodies when a dead letter sink is set. */
const MAX_ERROR_BODY_BYTES = 768;

/** Writes the answer: an empty body, or one JSON object with the sentence, under 768 bytes. */
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
