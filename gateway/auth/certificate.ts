import { type KeyObject, X509Certificate } from 'node:crypto';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { type FetchDocument, fetchDocument } from './fetch-document.ts';
import { createLoadingCache } from './loading-cache.ts';

/** A certificate's RSA key, and when it is valid (epoch ms). */
export interface Certificate {
  readonly key: KeyObject;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** Finds the certificate at the address that a request names; undefined where that is none of EventBridge's. */
export type CertificateLookup = (address: string) => Promise<Certificate | undefined>;

const FETCH_LIMITS = { maxBytes: 64 * 1024, timeoutMs: 2_000 };
const CACHE_OPTIONS = { ttlMs: 60 * 60_000, coolDownMs: 5_000, entries: 16, parallel: 4 };

/** Reads an X.509 certificate in PEM; throws `InvalidInput` where it is none, or its key is not fit for signatures. */
export function readCertificate(pem: Buffer): Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new InvalidInput('BadCertificate', 'it is no X.509 certificate in PEM', { cause: error });
  }
  const { publicKey: key, validFrom, validTo } = certificate;
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
  // With a small exponent anybody can make a secret that decrypts well: v1 would prove nothing.
  if (key.asymmetricKeyType !== 'rsa' || exponent < 65_537n)
    throw new InvalidInput('BadCertificate', 'its key is not RSA with an exponent of at least 65537');
  return { key, validFromMs: Date.parse(validFrom), validToMs: Date.parse(validTo) };
}

/** One certificate for every request, whatever address it names; nothing is ever fetched. */
export const pinnedCertificate =
  (certificate: Certificate): CertificateLookup =>
  () =>
    Promise.resolve(certificate);

/**
 * Certificates from EventBridge's own buckets in these regions, each fetched at most once an hour; throws `Unavailable`
 * where one cannot be had.
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
      throw new Unavailable('BadCertificate', `${address}: ${messageOf(error)}`, { cause: error });
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
 * Exact hosts, since a looser pattern would also take a bucket that anybody can name, such as `x-eventbridge`. The first
 * is the documented one; the second is in the test of the vendor's SDK.
 */
const certificateHosts = (region: string): string[] => [
  `${region}-eventbridge.oss-accelerate.aliyuncs.com`,
  `${region}-eventbridge.oss-${region}.aliyuncs.com`,
];

function isAllowedHost(hosts: ReadonlySet<string>, { protocol, host, username, password }: URL): boolean {
  // `host` has the port, unless it is the default one.
  return protocol === 'https:' && username === '' && password === '' && hosts.has(host);
}
