import type { Response } from 'express';
import { error as refusals } from 'express-openapi-validator';
import { InvalidInput, Unavailable } from '../domain/errors.ts';
import type { components } from './openapi-types.ts';

export type ProblemDetails = components['schemas']['Problem'];

/** What problems there are: their titles and statuses. `/problems/<kind>` is their type. */
const PROBLEM_KINDS = {
  'invalid-parameter': { status: 400, title: 'A parameter is wrong' },
  unauthorized: { status: 401, title: 'A token is needed' },
  'foreign-host': { status: 403, title: 'Not asked from this machine' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'city-not-found': { status: 404, title: 'No such place' },
  'forecast-not-available': { status: 404, title: 'No forecast' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  internal: { status: 500, title: 'The api failed' },
  unavailable: { status: 503, title: 'Not available now' },
  busy: { status: 503, title: 'Too much at once' },
} as const;
type ProblemKind = keyof typeof PROBLEM_KINDS;

type ProblemMembers = Pick<ProblemDetails, 'errors' | 'nearest' | 'missing'>;

/** An answer that is no success; its message is the one sentence that says why. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly status: number;
  readonly extraMembers: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    { headers = {}, ...more }: ProblemMembers & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.status = PROBLEM_KINDS[kind].status;
    this.extraMembers = more;
    this.headers = headers;
  }
}

/** Writes a problem as RFC 9457 has it. */
export function sendProblem(res: Response, problem: Problem, instance: string): void {
  const { kind, status, message, extraMembers, headers } = problem;
  const body: ProblemDetails = {
    type: `/problems/${kind}`,
    ...{ title: PROBLEM_KINDS[kind].title, status, detail: message, instance: instance.slice(0, 500) },
    ...extraMembers,
  };
  res.removeHeader('ETag');
  res
    .status(status)
    .set({ 'Cache-Control': 'no-store', ...headers })
    .type('application/problem+json')
    .json(body);
}

/** Seconds after which one may come again. */
const RETRY_AFTER_SECONDS = 2;

const UNDECODABLE_PATH = {
  in: 'path',
  name: 'path',
  detail: 'the request’s path cannot be decoded',
} as const;

/** What anything thrown while answering means to who asked; nothing of ours is told. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable) {
    const wait = Math.max(1, Math.ceil((error.afterMs ?? RETRY_AFTER_SECONDS * 1_000) / 1_000));
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
    return new Problem('invalid-parameter', UNDECODABLE_PATH.detail, { errors: [UNDECODABLE_PATH] });
  return new Problem('internal', 'the api failed; its log says why');
}
