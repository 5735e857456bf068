import { createSecureContext, rootCertificates } from 'node:tls';
import { errors } from 'undici';
import { messageOf } from '../domain/errors.ts';
import { retryAfterMs } from '../domain/retry-after.ts';
import { splitCredentials } from '../domain/secrets.ts';
import { classifySinkStatus } from '../domain/sink-status.ts';
import type { BinaryEvent } from '../runtime/binary-event.ts';
import { reloadedFile } from '../runtime/reloaded-file.ts';
import { toAttributeText } from './attribute-text.ts';
import {
  type AnswerReader,
  ConnectionPool,
  InFlightPosts,
  postToSink,
  type SinkAnswer,
} from './post-to-sink.ts';

/** The result of a post. */
export type PostResult =
  | { readonly outcome: 'accepted' }
  /** The sink is unavailable, too slow, or asks for a retry. `afterMs`: the wait that the sink asks for, if any. */
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly afterMs?: number }
  /** The sink rejects this event. `tooLarge`: the event is too large for the sink. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly tooLarge?: true };

export type PostEvent = (event: BinaryEvent, signal: AbortSignal) => Promise<PostResult>;

export interface SinkClientOptions {
  readonly url: string;
  /** Certificate authorities in PEM that are trusted in addition to the default ones (`K_CA_CERTS`). */
  readonly caCerts: string | undefined;
  /** A file with a bearer token. The client checks the file every second, because the platform replaces the token. */
  readonly tokenFile: string | undefined;
  readonly timeoutMs: number;
}

/** Upper bound for the wait that `Retry-After` asks for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Returns a function that posts events to one sink over keep-alive connections. undici is several times faster than
 * `node:http`.
 */
export function createSinkClient({ url, caCerts, tokenFile, timeoutMs }: SinkClientOptions): PostEvent {
  const { target, authorization: basicAuthorization } = splitCredentials(url);
  const path = `${target.pathname}${target.search}`;
  const connections = new ConnectionPool(target.origin, {
    // undici's own timeouts are disabled, because they use two timers for each request.
    ...{ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 },
    connect: { timeout: timeoutMs, ...(caCerts === undefined ? {} : tlsOptions(caCerts)) },
  });
  const inFlight = new InFlightPosts(timeoutMs);
  const token = tokenFile === undefined ? () => undefined : tokenReader(tokenFile);
  return ({ headers, body }, signal) => {
    let bearer: string | undefined;
    try {
      bearer = token();
    } catch (error) {
      return Promise.resolve(answerReader.readFailure(error));
    }
    const authorization = bearer === undefined ? basicAuthorization : `Bearer ${bearer}`;
    const allHeaders = authorization === undefined ? headers : [...headers, 'authorization', authorization];
    return postToSink(connections, { path, headers: allHeaders, body }, inFlight, signal, answerReader);
  };
}

const answerReader: AnswerReader<PostResult> = {
  readAnswer: (answer) => toPostResult(answer),
  readFailure: (error) => ({
    outcome: 'unavailable',
    reason: isUnexpectedContinue(error) ? UNEXPECTED_CONTINUE : messageOf(error, 200),
  }),
};

const UNEXPECTED_CONTINUE =
  'sent 100 Continue although the request did not ask for it, so the answer cannot be read';

/** If a sink sends an unexpected 100 Continue, undici closes the connection with only this message. */
const isUnexpectedContinue = (error: unknown): boolean =>
  error instanceof errors.SocketError && error.message === 'bad response';

/**
 * Called once, because parsing all root certificates is slow. `ca` replaces the root certificates, so the list includes
 * them.
 */
const tlsOptions = (caCerts: string) => ({
  secureContext: createSecureContext({ ca: [...rootCertificates, caCerts] }),
});

const ACCEPTED: PostResult = { outcome: 'accepted' };

/** Converts a sink's answer to a result. `now` in epoch ms. */
export function toPostResult(
  { status, retryAfter, errorBody }: SinkAnswer,
  now: () => number = Date.now,
): PostResult {
  const verdict = classifySinkStatus(status);
  if (verdict === 'accepted') return ACCEPTED;
  const errorText = errorBody === undefined ? '' : toAttributeText(errorBody);
  const reason = errorText === '' ? `answered ${status}` : `answered ${status}: ${errorText}`;
  if (verdict === 'refused') return { outcome: 'refused', reason };
  if (verdict === 'too large') return { outcome: 'refused', reason, tooLarge: true };
  const afterMs = retryAfterMs(retryAfter, now(), MAX_RETRY_AFTER_MS);
  return { outcome: 'unavailable', reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** The minimum interval between two checks of the token file, in ms. */
const TOKEN_CHECK_MS = 1_000;

/** Returns a function that returns the current token, or undefined if the platform provides none. */
const tokenReader = (file: string): (() => string | undefined) =>
  reloadedFile(file, { checkEveryMs: TOKEN_CHECK_MS, parse: (text) => text?.trim() || undefined });
