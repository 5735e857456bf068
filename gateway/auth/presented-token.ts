import { headerOf, type SignedRequest } from './credentials.ts';

/**
 * The bearer token that a request presents, in `Authorization` or else as `?access_token=` (RFC 6750 §2.1 and §2.3, as
 * the CloudEvents webhook specification asks for both); undefined when there is none.
 */
export function presentedToken(request: SignedRequest): string | undefined {
  const [, token] = /^bearer +(\S+) *$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
  return token ?? (request.accessToken === '' ? undefined : request.accessToken);
}
