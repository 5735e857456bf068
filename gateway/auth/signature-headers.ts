import type { RequestHead } from './credentials.ts';

const SIGNATURE_HEADER = /^x-eventbridge-(?:signature|hash-method)/;

const UNCOVERED: ReadonlySet<string> = new Set(['content-type', 'content-encoding']);

const isSigned = ({ headers }: RequestHead): boolean =>
  Object.keys(headers).some((name) => SIGNATURE_HEADER.test(name));

function withHeaders<T extends RequestHead>(request: T, keep: (name: string) => boolean): T {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => keep(name)));
  return { ...request, headers };
}

/**
 * If a request has a signature of EventBridge, removes `Content-Type`, `Content-Encoding` and `ce-*`. The signature does
 * not cover these headers, and they could change the event. Then the receiver of one signed request could make other
 * events of it. So the body alone is the event. Other requests are returned unchanged.
 */
export const withoutUncoveredHeaders = <T extends RequestHead>(request: T): T =>
  isSigned(request)
    ? withHeaders(request, (name) => !UNCOVERED.has(name) && !name.startsWith('ce-'))
    : request;

/** Removes the signature from a request to a path where signatures prove nothing. */
export const withoutSignature = <T extends RequestHead>(request: T): T =>
  isSigned(request) ? withHeaders(request, (name) => !SIGNATURE_HEADER.test(name)) : request;
