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

export interface CertificateLookup {
  /** Returns the certificate at the address in a request; undefined if the address does not belong to EventBridge. */
  (address: string): Promise<Certificate | undefined>;
  /** Called after the certificate at this address has proven a signature. */
  confirm?(address: string): void;
}

const FETCH_LIMITS = { maxBytes: 64 * 1024, timeoutMs: 2_000 };
const CACHE_OPTIONS = { ttlMs: 60 * 60_000, coolDownMs: 5_000, entries: 16, parallel: 4, waiting: 250 };

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
 * Anybody can name other addresses in a request. So an address whose certificate has proven a signature belongs to a
 * separate cache with separate fetches, and other addresses cannot displace or delay it. Throws `Unavailable` if a
 * certificate cannot be fetched.
 */
export function fetchedCertificates(
  regions: readonly string[],
  fetch: FetchDocument = fetchDocument,
): CertificateLookup {
  const hosts = new Set(regions.flatMap(certificateHosts));
  const load = async (address: string): Promise<Certificate> => {
    const pem = await fetch(new URL(address), FETCH_LIMITS);
    try {
      return readCertificate(pem);
    } catch (error) {
      throw new Unavailable('BadCertificate', `${address} ${messageOf(error)}`, { cause: error });
    }
  };
  const confirmed = new Set<string>();
  const confirmedCache = createLoadingCache(load, CACHE_OPTIONS);
  const otherCache = createLoadingCache(load, CACHE_OPTIONS);
  const toAllowedUrl = (address: string): string | undefined => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !isAllowedHost(hosts, url)) return undefined;
    url.hash = '';
    return url.href;
  };
  const lookUp: CertificateLookup = async (address) => {
    const url = toAllowedUrl(address);
    return url === undefined ? undefined : (confirmed.has(url) ? confirmedCache : otherCache).get(url);
  };
  lookUp.confirm = (address) => {
    const url = toAllowedUrl(address);
    if (url !== undefined && confirmed.size < CACHE_OPTIONS.entries) confirmed.add(url);
  };
  return lookUp;
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
