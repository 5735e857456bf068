import { error as refusals } from 'express-openapi-validator';
import { InvalidInput, Unavailable } from '../domain/errors.ts';
import { Problem } from './problem.ts';

/** Seconds after which one may come again. */
const RETRY_AFTER = 2;

const UNREADABLE = { in: 'path', name: 'path', detail: 'the request’s path cannot be decoded' } as const;

/** What anything thrown while answering means to who asked; nothing of ours is told. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable) {
    const wait = Math.max(1, Math.ceil((error.afterMs ?? RETRY_AFTER * 1_000) / 1_000));
    const headers = { 'Retry-After': String(wait) };
    if (error.type === 'Busy') return new Problem('busy', 'too many are asking at once', { headers });
    const who = error.type === 'TemporalUnavailable' ? 'Temporal' : 'the store of forecasts';
    return new Problem('unavailable', `${who} cannot be asked now`, { headers });
  }
  // What the store refuses is never due to who asked: all that goes there has been looked at before.
  if (error instanceof InvalidInput)
    return new Problem('unavailable', 'the store of forecasts is not set up', {
      headers: { 'Retry-After': '30' },
    });
  if (error instanceof refusals.NotFound) return new Problem('not-found', 'there is nothing at this path');
  if (error instanceof refusals.MethodNotAllowed) {
    const { Allow: found = '' } = (error.headers ?? {}) as { Allow?: string };
    const Allow = found.split(', ').sort().join(', ');
    return new Problem('method-not-allowed', `allowed here: ${Allow}`, { headers: { Allow } });
  }
  const { status } = (error ?? {}) as { status?: number };
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem('invalid-parameter', UNREADABLE.detail, { errors: [UNREADABLE] });
  return new Problem('internal', 'the api failed; its log says why');
}
