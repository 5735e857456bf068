import { Unavailable } from '../../domain/errors.ts';
import { presentedToken } from './bearer.ts';
import { type CredentialCheck, withinDeadline } from './credentials.ts';
import type { Issuer } from './issuer.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface OidcOptions extends Issuer {
  /** Accepted audiences. The token must have one of them. */
  readonly audience: readonly string[];
  /** The `sub` claims that may send. */
  readonly subjects: readonly string[];
}

/**
 * Checks a token of an OpenID Connect issuer, as Knative's senders use it (knative/eventing pkg/auth). Signature,
 * issuer, audience and times must be valid. If the subject is not listed, the result is `forbidden`. The library for
 * tokens is loaded for the first token, because most gateways do not need it.
 */
export function oidcCredential({ audience, subjects, ...issuer }: OidcOptions): CredentialCheck {
  let verifier: Promise<TokenVerifier> | undefined;
  const loadVerifier = async (): Promise<TokenVerifier> =>
    (await import('./token-verifier.ts')).createTokenVerifier(issuer, audience);
  return {
    kind: 'oidc',
    async check(request, deadline) {
      const token = presentedToken(request);
      if (token === undefined) return 'absent';
      verifier ??= loadVerifier();
      const { claimsIssuer, verify } = await verifier;
      // Keys are fetched only for tokens that claim to be from this issuer.
      if (!claimsIssuer(token)) return 'wrong';
      try {
        const subject = await withinDeadline(verify(token), deadline, `keys of issuer ${issuer.issuer}`);
        return subjects.includes(subject) ? 'proven' : 'forbidden';
      } catch (error) {
        if (error instanceof Unavailable) throw error;
        return 'wrong';
      }
    },
  };
}
