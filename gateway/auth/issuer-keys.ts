import { readFileSync } from 'node:fs';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { messageOf, Unavailable } from '../../domain/errors.ts';
import { type FetchLimits, fetchDocument } from './fetch-document.ts';
import { type Issuer, isSecureUrl } from './issuer.ts';
import { createLoadingCache } from './loading-cache.ts';

const FETCH_LIMITS = { maxBytes: 256 * 1024, timeoutMs: 2_000 };

/**
 * Issuers publish keys before they use them. So a missing key does not cause a fetch if the key set is younger than
 * `coolDownMs`.
 */
const CACHE_OPTIONS = { ttlMs: 10 * 60_000, coolDownMs: 10_000, entries: 1, parallel: 1, waiting: 250 };

/**
 * Returns the keys of an issuer (OpenID Connect Discovery 1.0 §4). Fetches the keys on first use and then every ten
 * minutes. For an unknown key, fetches them at most every ten seconds. Throws `Unavailable` if a fetch fails.
 */
export function createIssuerKeys(issuer: Issuer): JWTVerifyGetKey {
  const sets = createLoadingCache(() => fetchKeySet(issuer), CACHE_OPTIONS);
  return async (header, token) => {
    const keys = await sets.get('');
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await sets.getFresh(''))(header, token);
    }
  };
}

async function fetchKeySet(issuer: Issuer): Promise<ReturnType<typeof createLocalJWKSet>> {
  const limits = fetchLimitsFor(issuer);
  const address =
    issuer.jwks === undefined ? await discoverKeySetUrl(issuer.issuer, limits) : new URL(issuer.jwks);
  const document = await fetchJson(address, limits);
  try {
    return createLocalJWKSet(document as JSONWebKeySet);
  } catch (error) {
    throw new Unavailable('KeysUnavailable', `${address.href}: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads the files for each fetch, because a cluster renews mounted files every hour. */
function fetchLimitsFor({ issuer, ca, token }: Issuer): FetchLimits {
  try {
    return {
      ...FETCH_LIMITS,
      ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }),
      ...(token === undefined
        ? {}
        : { headers: { authorization: `Bearer ${readFileSync(token, 'utf8').trim()}` } }),
    };
  } catch (error) {
    throw new Unavailable('KeysUnavailable', `issuer ${issuer}: ${messageOf(error)}`, { cause: error });
  }
}

async function discoverKeySetUrl(issuer: string, limits: FetchLimits): Promise<URL> {
  const address = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const document = (await fetchJson(address, limits)) as { issuer?: unknown; jwks_uri?: unknown } | null;
  const failure = (reason: string): Unavailable =>
    new Unavailable('KeysUnavailable', `${address.href} ${reason}`);
  if (document?.issuer !== issuer) throw failure('is not the discovery document of this issuer');
  const keys = document.jwks_uri;
  if (typeof keys !== 'string' || !isSecureUrl(keys))
    throw failure('has a jwks_uri that is not an https address');
  return new URL(keys);
}

async function fetchJson(address: URL, limits: FetchLimits): Promise<unknown> {
  const bytes = await fetchDocument(address, limits);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Unavailable('KeysUnavailable', `${address.href} is not JSON`, { cause: error });
  }
}
