import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { Issuer } from './issuer.ts';
import { createIssuerKeys } from './issuer-keys.ts';

/** No symmetric algorithms: a public key must never be usable as a shared secret. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** The maximum difference between the clocks, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 10;

/** Verifies the tokens of one issuer. */
export interface TokenVerifier {
  /** Returns true if the token claims to be from the issuer, without checking the signature. */
  claimsIssuer(token: string): boolean;
  /** Returns the subject. Throws `Unavailable` if the keys cannot be fetched, and another error if the token is invalid. */
  verify(token: string): Promise<string>;
}

/** Verifies tokens: signature, issuer, audience and times must be valid. Fetches the keys on first use. */
export function createTokenVerifier(issuer: Issuer, audience: readonly string[]): TokenVerifier {
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
    claimsIssuer: (token) => claimsIssuer(token, issuer.issuer),
    verify: async (token) => (await verifyToken(token)).sub ?? '',
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
