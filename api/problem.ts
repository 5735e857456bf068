import type { Response } from 'express';
import type { components } from './openapi-types.ts';

export type ProblemDetails = components['schemas']['Problem'];

/** What problems there are: their titles and statuses. `/problems/<kind>` is their type. */
const KINDS = {
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
export type ProblemKind = keyof typeof KINDS;

type More = Pick<ProblemDetails, 'errors' | 'nearest' | 'missing'>;

/** An answer that is no success; its message is the one sentence that says why. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly status: number;
  readonly more: More;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    { headers = {}, ...more }: More & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.status = KINDS[kind].status;
    this.more = more;
    this.headers = headers;
  }
}

/** Writes a problem as RFC 9457 has it. */
export function sendProblem(res: Response, problem: Problem, instance: string): void {
  const { kind, status, message, more, headers } = problem;
  const body: ProblemDetails = {
    type: `/problems/${kind}`,
    ...{ title: KINDS[kind].title, status, detail: message, instance: instance.slice(0, 500) },
    ...more,
  };
  res.removeHeader('ETag');
  res
    .status(status)
    .set({ 'Cache-Control': 'no-store', ...headers })
    .type('application/problem+json')
    .json(body);
}
