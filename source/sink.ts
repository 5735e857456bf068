import { readFileSync } from 'node:fs';
import { Agent as HttpsAgent } from 'node:https';
import { messageOf } from '../domain/errors.ts';
import type { BinaryEvent } from '../runtime/binary-event.ts';
import { exchange } from '../runtime/exchange.ts';

/** What became of an event that was posted. */
export type Posted =
  | { readonly outcome: 'accepted' }
  /** The sink is away, late or asks to come again, after `afterMs` if it said so. */
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly afterMs?: number }
  /** The sink will not have this event. */
  | { readonly outcome: 'refused'; readonly reason: string };

export type PostEvent = (event: BinaryEvent, signal: AbortSignal) => Promise<Posted>;

export interface SinkOptions {
  readonly url: string;
  /** Certificate authorities in PEM that are trusted beside the usual ones (`K_CA_CERTS`). */
  readonly caCerts: string | undefined;
  /** A file with a token for `Authorization`, read anew for each event: the platform changes it. */
  readonly tokenFile: string | undefined;
  readonly deadlineMs: number;
}

/** Knative's rule: these may be sent again, as may all of 5xx; every other answer is final. */
const AGAIN = new Set([404, 408, 409, 425, 429]);

/** Who has just been given new rights may be refused for a while. */
const RIGHTS = new Set([401, 403]);

/** Nobody is waited for longer, whatever Retry-After says. */
const LONGEST_WAIT_MS = 60_000;

/** Posts events to one sink over kept connections. */
export function createSink({ url, caCerts, tokenFile, deadlineMs }: SinkOptions): PostEvent {
  const target = new URL(url);
  const agent = caCerts === undefined ? undefined : new HttpsAgent({ keepAlive: true, ca: caCerts });
  return async ({ headers, body }, signal) => {
    try {
      const token = tokenFile === undefined ? undefined : readToken(tokenFile);
      const answer = await exchange({
        ...{ url: target, body, textBytes: 0 },
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
        ...(agent === undefined ? {} : { agent }),
      });
      return posted(answer.status, answer.headers['retry-after']);
    } catch (error) {
      signal.throwIfAborted();
      return { outcome: 'unavailable', reason: messageOf(error, 200) };
    }
  };
}

/** What a sink's answer means. */
export function posted(status: number, retryAfter?: string): Posted {
  if (status >= 200 && status < 300) return { outcome: 'accepted' };
  const reason = `answered ${status}`;
  if (status < 500 && !AGAIN.has(status) && !RIGHTS.has(status)) return { outcome: 'refused', reason };
  const seconds = Number(retryAfter ?? Number.NaN);
  if (!(seconds >= 0)) return { outcome: 'unavailable', reason };
  return { outcome: 'unavailable', reason, afterMs: Math.min(seconds * 1_000, LONGEST_WAIT_MS) };
}

/** Undefined where the platform provides no token. */
function readToken(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
