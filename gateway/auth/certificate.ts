import { type KeyObject, X509Certificate } from 'node:crypto';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { type FetchDocument, fetchDocument } from './fetch-document.ts';
import { createLoadingCache } from './loading-cache.ts';

/** The RSA key of a certificate and its validity period (epoch ms). */
export interface Certificate {
  readonly key: KeyObject;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** Returns the certificate at the address in a request; undefined if the address does not belong to EventBridge. */
export type CertificateLookup = (address: string) => Promise<Certificate | undefined>;

const FETCH_LIMITS = { maxBytes: 64 * 1024, timeoutMs: 2_000 };
const CACHE_OPTIONS = { ttlMs: 60 * 60_000, coolDownMs: 5_000, entries: 16, parallel: 4 };

/**
 * Reads an X.509 certificate in PEM. Throws `InvalidInput` if the certificate is malformed or its key is unsuitable for
 * signatures.
 */
export function readCertificate(pem: Buffer): Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new InvalidInput('BadCertificate', 'is not an X.509 certificate in PEM', { cause: error });
  }
  const { publicKey: key, validFrom, validTo } = certificate;
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
  // With a small exponent, anybody can forge a v1 secret that decrypts correctly.
  if (key.asymmetricKeyType !== 'rsa' || exponent < 65_537n)
    throw new InvalidInput('BadCertificate', 'must have an RSA key with an exponent of at least 65537');
  return { key, validFromMs: Date.parse(validFrom), validToMs: Date.parse(validTo) };
}

/** Creates a lookup that always returns this certificate. It ignores the address in the request and fetches nothing. */
export const pinnedCertificate =
  (certificate: Certificate): CertificateLookup =>
  () =>
    Promise.resolve(certificate);

/**
 * Creates a lookup that fetches certificates from EventBridge's own buckets in `regions`, each at most once an hour.
 * Throws `Unavailable` if a certificate cannot be fetched.
 */
export function fetchedCertificates(
  regions: readonly string[],
  fetch: FetchDocument = fetchDocument,
): CertificateLookup {
  const hosts = new Set(regions.flatMap(certificateHosts));
  const certificates = createLoadingCache(async (address) => {
    const pem = await fetch(new URL(address), FETCH_LIMITS);
    try {
      return readCertificate(pem);
    } catch (error) {
      throw new Unavailable('BadCertificate', `${address} ${messageOf(error)}`, { cause: error });
    }
  }, CACHE_OPTIONS);
  return async (address) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !isAllowedHost(hosts, url)) return undefined;
    url.hash = '';
    return certificates.get(url.href);
  };
}

/**
 * Returns exact host names. A pattern would also match buckets that anybody can create, such as `x-eventbridge`. The
 * first name is documented. The second name is in the tests of the vendor's SDK.
 */
const certificateHosts = (region: string): string[] => [
  `${region}-eventbridge.oss-accelerate.aliyuncs.com`,
  `${region}-eventbridge.oss-${region}.aliyuncs.com`,
];

function isAllowedHost(hosts: ReadonlySet<string>, { protocol, host, username, password }: URL): boolean {
  // `host` includes the port unless it is the default port.
  return protocol === 'https:' && username === '' && password === '' && hosts.has(host);
}
