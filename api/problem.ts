import type { Response } from 'express';
import { error as validatorErrors } from 'express-openapi-validator';
import { InvalidInput, Unavailable } from '../domain/errors.ts';
import type { components } from './openapi-types.ts';

export type ProblemDetails = components['schemas']['Problem'];

/** The kinds of problems with status and title. The `type` is `/problems/<kind>`. */
const PROBLEM_KINDS = {
  'invalid-parameter': { status: 400, title: 'Invalid parameter' },
  unauthorized: { status: 401, title: 'Token required' },
  'foreign-host': { status: 403, title: 'Foreign host' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'city-not-found': { status: 404, title: 'City not found' },
  'forecast-not-available': { status: 404, title: 'No forecast' },
  'channel-not-found': { status: 404, title: 'Channel not found' },
  'subscription-not-found': { status: 404, title: 'Subscription not found' },
  'delivery-not-found': { status: 404, title: 'Delivery not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict' },
  'precondition-failed': { status: 412, title: 'Changed in the meantime' },
  'content-too-large': { status: 413, title: 'Body too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported body' },
  'channel-rejected': { status: 422, title: 'Channel cannot be used' },
  'key-reused': { status: 422, title: 'Idempotency-Key already used' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
  busy: { status: 503, title: 'Busy' },
} as const;
type ProblemKind = keyof typeof PROBLEM_KINDS;

type ProblemMembers = Pick<ProblemDetails, 'errors' | 'nearest' | 'missing'>;

/** An answer with an error. The message is one sentence with the reason. */
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

/** The maximum number of errors in an answer. */
const MAX_LISTED_ERRORS = 20;

/** The problem of a request with wrong parameters or fields. */
export function invalidParameter(errors: NonNullable<ProblemDetails['errors']>): Problem {
  const [first, ...others] = errors;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return new Problem('invalid-parameter', `${first?.detail ?? 'a parameter is wrong'}${more}`, {
    errors: errors.slice(0, MAX_LISTED_ERRORS),
  });
}

/** The problem of a request whose body has wrong fields. */
export const invalidFields = (
  problems: readonly { readonly name: string; readonly detail: string }[],
): Problem => invalidParameter(problems.map(({ name, detail }) => ({ in: 'body', name, detail })));

/** Sends a problem as RFC 9457 problem details. */
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

/** After this time, a client may retry. */
const RETRY_AFTER_SECONDS = 2;

const UNDECODABLE_PATH = {
  in: 'path',
  name: 'path',
  detail: 'the path of the request cannot be decoded',
} as const;

/** Converts any error into a problem. Internal details are not shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable) {
    const wait = Math.max(1, Math.ceil((error.afterMs ?? RETRY_AFTER_SECONDS * 1_000) / 1_000));
    const headers = { 'Retry-After': String(wait) };
    if (error.type === 'Busy') return new Problem('busy', 'too many requests; retry later', { headers });
    const who = error.type === 'TemporalUnavailable' ? 'Temporal' : 'the forecast store';
    return new Problem('unavailable', `${who} is not available; retry later`, { headers });
  }
  // An InvalidInput of the store is never the client's fault, because requests are validated before.
  if (error instanceof InvalidInput)
    return new Problem('unavailable', 'the forecast store is not set up', {
      headers: { 'Retry-After': '30' },
    });
  if (error instanceof validatorErrors.NotFound) return new Problem('not-found', 'this path does not exist');
  if (error instanceof validatorErrors.MethodNotAllowed) {
    const { Allow: found = '' } = (error.headers ?? {}) as { Allow?: string };
    const Allow = found.split(', ').sort().join(', ');
    return new Problem('method-not-allowed', `this method is not allowed; allowed: ${Allow}`, {
      headers: { Allow },
    });
  }
  const { status } = (error ?? {}) as { status?: number };
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem('invalid-parameter', UNDECODABLE_PATH.detail, { errors: [UNDECODABLE_PATH] });
  return new Problem('internal', 'the api failed; see its log for the reason');
}
