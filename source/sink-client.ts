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

/** What became of an event that was posted. */
export type PostResult =
  | { readonly outcome: 'accepted' }
  /** The sink is away, late or asks to come again, after `afterMs` if it said so. */
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly afterMs?: number }
  /** The sink will not have this event; `tooLarge` where it said that this is why. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly tooLarge?: true };

export type PostEvent = (event: BinaryEvent, signal: AbortSignal) => Promise<PostResult>;

export interface SinkClientOptions {
  readonly url: string;
  /** Certificate authorities in PEM that are trusted beside the usual ones (`K_CA_CERTS`). */
  readonly caCerts: string | undefined;
  /** A file with a token for `Authorization`, read anew every second: the platform changes it. */
  readonly tokenFile: string | undefined;
  readonly deadlineMs: number;
}

/** Nobody is waited for longer, whatever Retry-After says. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Posts events to one sink over kept connections. By undici: what a post takes with `node:http` is several times what
 * everything else about an event does.
 */
export function createSinkClient({ url, caCerts, tokenFile, deadlineMs }: SinkClientOptions): PostEvent {
  const { target, authorization: password } = splitCredentials(url);
  const path = `${target.pathname}${target.search}`;
  const connections = new ConnectionPool(target.origin, {
    // Its own time-outs are two timers for each request.
    ...{ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 },
    connect: { timeout: deadlineMs, ...(caCerts === undefined ? {} : tlsOptions(caCerts)) },
  });
  const underWay = new InFlightPosts(deadlineMs);
  const token = tokenFile === undefined ? () => undefined : tokenReader(tokenFile);
  return ({ headers, body }, signal) => {
    let bearer: string | undefined;
    try {
      bearer = token();
    } catch (error) {
      return Promise.resolve(answerReader.readFailure(error));
    }
    const authorization = bearer === undefined ? password : `Bearer ${bearer}`;
    const all = authorization === undefined ? headers : [...headers, 'authorization', authorization];
    return postToSink(connections, { path, headers: all, body }, underWay, signal, answerReader);
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
  'answered 100 Continue before its answer, although nobody had asked for that: it cannot be understood';

/** undici ends a connection on which it comes, and says no more than this. */
const isUnexpectedContinue = (error: unknown): boolean =>
  error instanceof errors.SocketError && error.message === 'bad response';

/** Made once: certificates that are given take the place of the usual ones, and all of them are many to read. */
const tlsOptions = (caCerts: string) => ({
  secureContext: createSecureContext({ ca: [...rootCertificates, caCerts] }),
});

const ACCEPTED: PostResult = { outcome: 'accepted' };

/** What a sink's answer means; `now` in epoch ms. */
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

/** How often the token's file is looked at, at most, in ms. */
const TOKEN_CHECK_MS = 1_000;

/** The token of now; undefined where the platform provides none. */
const tokenReader = (file: string): (() => string | undefined) =>
  reloadedFile(file, { checkEveryMs: TOKEN_CHECK_MS, parse: (text) => text?.trim() || undefined });
