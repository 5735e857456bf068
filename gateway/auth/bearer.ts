import { type BearerTokens, readBearerToken } from '../../runtime/bearer-tokens.ts';
import { type CredentialCheck, headerOf, type RequestHead } from './credentials.ts';

/** Creates the check for a shared secret, which the sender sends as a bearer token (RFC 6750). */
export function bearerCredential(tokens: BearerTokens): CredentialCheck {
  return {
    kind: 'bearer',
    check(request) {
      const token = presentedToken(request);
      return Promise.resolve(token === undefined ? 'absent' : tokens.include(token) ? 'proven' : 'wrong');
    },
  };
}

/**
 * Returns the bearer token of a request: from `Authorization`, otherwise from `?access_token=` (RFC 6750 §2.1 and
 * §2.3). The CloudEvents webhook specification requires both ways. Returns undefined if there is no token.
 */
export function presentedToken(request: RequestHead): string | undefined {
  const token = readBearerToken(headerOf(request, 'authorization'));
  return token ?? (request.accessToken === '' ? undefined : request.accessToken);
}
