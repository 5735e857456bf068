import {
  constants,
  createHash,
  createHmac,
  type Hash,
  type KeyObject,
  publicDecrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { BearerTokens } from '../../runtime/bearer-tokens.ts';
import type { Certificate, CertificateLookup } from './certificate.ts';
import { type CredentialCheck, headerOf, type RequestHead, withinDeadline } from './credentials.ts';

export interface EventBridgeOptions {
  /** The URL of the rule's target, with its query, exactly as in EventBridge. The URL is part of the signed text. */
  readonly url: string;
  /**
   * The accepted versions of the signature. Do not accept v1 without `tokens`, because anybody who has received one
   * request can sign others. The check itself does not prevent this; `sender-schema.ts` does.
   */
  readonly versions: readonly SignatureVersion[];
  readonly certificates: CertificateLookup;
  /** The token of the rule's target. Only this token identifies the rule, because any account can send to any URL. */
  readonly tokens?: BearerTokens;
}

/** The maximum difference between a signature's timestamp and now, in milliseconds. */
const MAX_AGE_MS = 60_000;

/**
 * Checks the signature, v1 or v2, of a request that EventBridge sends to an HTTP target. The signature is over the
 * raw bytes (Alibaba Cloud, EventBridge, "Signature algorithm"). Only v2 proves that EventBridge signed this request.
 * In v1, anybody can decrypt the secret with the public certificate, and the secret is valid for all requests. So the
 * receiver of one request can sign any other request, and v1 proves only the token. If a request has headers of v2,
 * its v2 signature must be valid, so a sender cannot choose the weaker version.
 */
export function eventBridgeCredential(options: EventBridgeOptions): CredentialCheck {
  const { url, versions, certificates, tokens } = options;
  return {
    kind: 'eventbridge',
    async check(request, deadline) {
      const version = versionOf(request, versions);
      if (version === undefined) return 'absent';
      const verifierFor = readSignature(request, version);
      if (verifierFor === undefined || !hasRecentTimestamp(request)) return 'wrong';
      if (tokens?.include(headerOf(request, 'x-eventbridge-signature-token') ?? '') === false) return 'wrong';
      const address = headerOf(request, 'x-eventbridge-signature-url') ?? '';
      const certificate = await withinDeadline(
        certificates(address),
        deadline,
        'the certificate of EventBridge',
      );
      if (certificate === undefined || !isValidNow(certificate)) return 'wrong';
      const { key } = certificate;
      return (body) => {
        const verifyNow = (): boolean => {
          const isSigned = verifierFor(key);
          return linesBeforeBody(version, url, request).some((head) => isSigned({ head, body }));
        };
        if (!verifyOnce(body, { request, version, url, key }, verifyNow)) return 'wrong';
        certificates.confirm?.(address);
        return 'proven';
      };
    },
  };
}

/** A verification of a signature. Apart from these values, its result depends only on the body. */
interface Verification {
  readonly request: RequestHead;
  readonly version: SignatureVersion;
  readonly url: string;
  readonly key: KeyObject;
}

/** The verifications of each body. They are dropped together with the body. */
const verifications = new WeakMap<Buffer, (Verification & { readonly isSigned: boolean })[]>();

/** Verifies a body once for all senders with the same URL and key, because hashing a large body takes long. */
function verifyOnce(body: Buffer, about: Verification, verifyNow: () => boolean): boolean {
  const known = verifications.get(body) ?? [];
  verifications.set(body, known);
  const same = known.find(
    ({ request, version, url, key }) =>
      request === about.request && version === about.version && url === about.url && key.equals(about.key),
  );
  if (same !== undefined) return same.isSigned;
  const isSigned = verifyNow();
  known.push({ ...about, isSigned });
  return isSigned;
}

const MARKER_HEADERS: Readonly<Record<SignatureVersion, readonly string[]>> = {
  v2: ['x-eventbridge-signature-v2', 'x-eventbridge-hash-method'],
  v1: ['x-eventbridge-signature', 'x-eventbridge-signature-method', 'x-eventbridge-signature-secret'],
};

function versionOf(
  { headers }: RequestHead,
  allowed: readonly SignatureVersion[],
): SignatureVersion | undefined {
  const hasMarker = (version: SignatureVersion): boolean =>
    MARKER_HEADERS[version].some((name) => headers[name] !== undefined);
  if (!allowed.some(hasMarker)) return undefined;
  return hasMarker('v2') ? 'v2' : 'v1';
}

/**
 * The signed text of a request. In the documentation, it ends with the body. In the vendor's own verifier, a line feed
 * follows the body.
 */
interface SignedText {
  /** The lines before the body. */
  readonly head: Buffer;
  readonly body: Buffer;
}

/** Returns a function that checks whether a text was signed with `key`, with or without a line feed at its end. */
type SignatureVerifier = (key: KeyObject) => (text: SignedText) => boolean;

/** Reads the signature from its headers. Returns undefined if one of its headers is missing or malformed. */
function readSignature(request: RequestHead, version: SignatureVersion): SignatureVerifier | undefined {
  if (headerOf(request, 'x-eventbridge-signature-version') !== '1.0') return undefined;
  return version === 'v2' ? readSignatureV2(request) : readSignatureV1(request);
}

function readSignatureV2(request: RequestHead): SignatureVerifier | undefined {
  const signature = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature-v2'));
  if (signature === undefined || headerOf(request, 'x-eventbridge-hash-method') !== 'SHA256')
    return undefined;
  return (key) => {
    const signedInfo = decryptWithPublicKey(key, signature);
    const isSigned = (hash: Hash): boolean =>
      signedInfo?.equals(Buffer.concat([SHA256_INFO, hash.digest()])) === true;
    return ({ head, body }) => {
      // Without a digest in the signature, anybody could let the gateway hash large bodies.
      if (signedInfo?.subarray(0, SHA256_INFO.length).equals(SHA256_INFO) !== true) return false;
      const hash = createHash('sha256').update(head).update(body);
      return isSigned(hash.copy()) || isSigned(hash.update('\n'));
    };
  };
}

/**
 * A signature (RSASSA-PKCS1-v1_5) is the encrypted DER of a DigestInfo. This is its beginning, before the digest
 * (RFC 8017, section 9.2).
 */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

function readSignatureV1(request: RequestHead): SignatureVerifier | undefined {
  const signature = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature'));
  const encrypted = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature-secret'));
  const method = headerOf(request, 'x-eventbridge-signature-method');
  if (signature === undefined || encrypted === undefined || method !== 'HMAC-SHA1') return undefined;
  return (key) => {
    const secret = decryptWithPublicKey(key, encrypted);
    return ({ head, body }) => {
      if (secret === undefined || secret.length === 0) return false;
      return ['', '\n'].some((end) => {
        const expected = createHmac('sha1', secret).update(head).update(body).update(end).digest();
        return expected.length === signature.length && timingSafeEqual(expected, signature);
      });
    };
  };
}

/** Decrypts bytes (PKCS#1 v1.5) that were encrypted with the private key; undefined if `key` does not match. */
function decryptWithPublicKey(key: KeyObject, encrypted: Buffer): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encrypted);
  } catch {
    return undefined;
  }
}

function hasRecentTimestamp(request: RequestHead): boolean {
  const stamp = headerOf(request, 'x-eventbridge-signature-timestamp') ?? '';
  return /^\d{1,15}$/.test(stamp) && Math.abs(Date.now() - Number(stamp)) <= MAX_AGE_MS;
}

const isValidNow = ({ validFromMs, validToMs }: Certificate): boolean =>
  validFromMs <= Date.now() && Date.now() <= validToMs;

/** Decodes base64 strictly. Node's own decoder skips unknown characters. */
function decodeStrictBase64(text = ''): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

const PREFIX = 'x-eventbridge-signature';

/** The header that names the algorithm of a version. It is on the second line of the signed headers. */
const METHOD_HEADERS = { v1: `${PREFIX}-method`, v2: 'x-eventbridge-hash-method' } as const;

/** The versions of EventBridge's signature: v1 is HMAC-SHA1 with an encrypted secret, v2 is RSA with SHA-256. */
export type SignatureVersion = keyof typeof METHOD_HEADERS;

/**
 * Returns the lines before the body in the texts that EventBridge may have signed for a request to `url`. The lines
 * are the URL, and the headers as `name: value` in fixed order (Alibaba Cloud, EventBridge, "Signature algorithm").
 * Without a token, the documentation omits the token's line. But the vendor's own verifier
 * (alibabacloud-eventbridge-sdk, StringToSignBuilder) writes the line with an empty value. So there are one or two
 * texts. The signature must match one of them.
 */
function linesBeforeBody(version: SignatureVersion, url: string, request: RequestHead): Buffer[] {
  const names = [`${PREFIX}-timestamp`, METHOD_HEADERS[version], `${PREFIX}-version`, `${PREFIX}-url`];
  const line = (name: string): string => `${name}: ${headerOf(request, name) ?? ''}\n`;
  const token = line(`${PREFIX}-token`);
  const tokenLines = headerOf(request, `${PREFIX}-token`) === undefined ? ['', token] : [token];
  return tokenLines.map((tokenLine) => {
    // Node.js gives header bytes as Latin-1, so this restores the original bytes.
    const headers = Buffer.from(`${names.map(line).join('')}${tokenLine}`, 'latin1');
    return Buffer.concat([Buffer.from(`${url}\n`), headers]);
  });
}
