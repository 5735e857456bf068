import type { RequestWithCredentials } from './credentials.ts';

const SIGNATURE_HEADER = /^x-eventbridge-(?:signature|hash-method)/;

const isSigned = ({ headers }: RequestWithCredentials): boolean =>
  Object.keys(headers).some((name) => SIGNATURE_HEADER.test(name));

function withHeaders<T extends RequestWithCredentials>(request: T, keep: (name: string) => boolean): T {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => keep(name)));
  return { ...request, headers };
}

/**
 * Returns a request with a signature of EventBridge without the headers that the signature does not cover and that could
 * change the event: `Content-Type` and `ce-*`. So the body alone is the event. Otherwise, the receiver of one signed
 * request could make other events of it. Other requests are returned unchanged.
 */
export const signedPartsOf = <T extends RequestWithCredentials>(request: T): T =>
  isSigned(request)
    ? withHeaders(request, (name) => name !== 'content-type' && !name.startsWith('ce-'))
    : request;

/** Returns a request without the headers of a signature, which then proves nothing. */
export const withoutSignature = <T extends RequestWithCredentials>(request: T): T =>
  isSigned(request) ? withHeaders(request, (name) => !SIGNATURE_HEADER.test(name)) : request;
