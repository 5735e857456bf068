import type { Credential } from './credentials.ts';
import { presentedToken } from './presented-token.ts';
import type { Tokens } from './tokens.ts';

/** A shared secret, presented as a bearer token (RFC 6750). */
export function bearerCredential(tokens: Tokens): Credential {
  return {
    kind: 'bearer',
    check(request) {
      const token = presentedToken(request);
      return Promise.resolve(token === undefined ? 'absent' : tokens.include(token) ? 'proven' : 'wrong');
    },
  };
}
