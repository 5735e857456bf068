import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { Unavailable } from '../../domain/errors.ts';
import { presentedToken } from './bearer.ts';
import { type CredentialCheck, withinDeadline } from './credentials.ts';
import { createIssuerKeys, type Issuer } from './issuer-keys.ts';

export interface OidcOptions extends Issuer {
  /** Accepted audiences. The token must have one of them. */
  readonly audience: readonly string[];
  /** The `sub` claims that may send. */
  readonly subjects: readonly string[];
}

/** No symmetric algorithms: a public key must never be usable as a shared secret. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** The maximum difference between the clocks, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 10;

/**
 * Checks a token of an OpenID Connect issuer, as Knative's senders use it (knative/eventing pkg/auth). Signature,
 * issuer, audience and times must be valid. If the subject is not listed, the result is `forbidden`.
 */
export function oidcCredential({ audience, subjects, ...issuer }: OidcOptions): CredentialCheck {
  const keys = createIssuerKeys(issuer);
  const options: JWTVerifyOptions = {
    issuer: issuer.issuer,
    audience: [...audience],
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'sub'],
  };
  const verifyToken = async (token: string): Promise<JWTPayload> => {
    try {
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return verifyWithAnyKey(error, token, options);
    }
  };
  return {
    kind: 'oidc',
    async check(request, deadline) {
      const token = presentedToken(request);
      if (token === undefined) return 'absent';
      // Keys are fetched only for tokens that claim to be from this issuer.
      if (!claimsIssuer(token, issuer.issuer)) return 'wrong';
      try {
        const { sub } = await withinDeadline(verifyToken(token), deadline, `keys of issuer ${issuer.issuer}`);
        return subjects.includes(sub ?? '') ? 'proven' : 'forbidden';
      } catch (error) {
        if (error instanceof Unavailable) throw error;
        return 'wrong';
      }
    },
  };
}

/** Tries all keys, because a token without `kid` may be signed by any of them. */
async function verifyWithAnyKey(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function claimsIssuer(token: string, issuer: string): boolean {
  try {
    return decodeJwt(token).iss === issuer && ALGORITHMS.includes(decodeProtectedHeader(token).alg ?? '');
  } catch {
    return false;
  }
}
