import { constants, createHmac, type KeyObject, publicDecrypt, timingSafeEqual, verify } from 'node:crypto';
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
 * Checks the signature of a request that EventBridge sends to an HTTP target (Alibaba Cloud, EventBridge, "Signature
 * algorithm"), v1 or v2, over the raw bytes. Only v2 proves that EventBridge signed this request. In v1, anybody can
 * decrypt the secret with the public certificate, and the secret is valid for all requests. So the receiver of one
 * request can sign any other request, and v1 proves only the token. If a request has headers of v2, v2 must be valid,
 * so a sender cannot choose the weaker version.
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
      const isSigned = verifierFor(certificate.key);
      return (body) => {
        if (!stringsToSign(version, url, request, body).some(isSigned)) return 'wrong';
        certificates.confirm?.(address);
        return 'proven';
      };
    },
  };
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

/** Returns a function that checks whether a text was signed with `key`. */
type SignatureVerifier = (key: KeyObject) => (text: Buffer) => boolean;

/** Reads the signature from the headers. Returns undefined if one of these headers is missing or malformed. */
function readSignature(request: RequestHead, version: SignatureVersion): SignatureVerifier | undefined {
  if (headerOf(request, 'x-eventbridge-signature-version') !== '1.0') return undefined;
  return version === 'v2' ? readSignatureV2(request) : readSignatureV1(request);
}

function readSignatureV2(request: RequestHead): SignatureVerifier | undefined {
  const signature = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature-v2'));
  if (signature === undefined || headerOf(request, 'x-eventbridge-hash-method') !== 'SHA256')
    return undefined;
  return (key) => (text) => verify('RSA-SHA256', text, key, signature);
}

function readSignatureV1(request: RequestHead): SignatureVerifier | undefined {
  const signature = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature'));
  const encrypted = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature-secret'));
  const method = headerOf(request, 'x-eventbridge-signature-method');
  if (signature === undefined || encrypted === undefined || method !== 'HMAC-SHA1') return undefined;
  return (key) => {
    const secret = decryptSecret(key, encrypted);
    return (text) => {
      if (secret === undefined) return false;
      const expected = createHmac('sha1', secret).update(text).digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    };
  };
}

/** Decrypts the secret (PKCS#1 v1.5), which was encrypted with the private key; undefined if `key` does not match. */
function decryptSecret(key: KeyObject, encrypted: Buffer): Buffer | undefined {
  try {
    const secret = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encrypted);
    return secret.length === 0 ? undefined : secret;
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
 * Returns the texts that EventBridge may have signed for a request to `url` (Alibaba Cloud, EventBridge, "Signature
 * algorithm"). A text has the URL, the headers as `name: value` in fixed order, and the raw body, each on its own
 * line. The documentation ends the text with the body. The vendor's own verifier (alibabacloud-eventbridge-sdk,
 * StringToSignBuilder) adds a line feed. If there is no token, the documentation omits the token's line, but the
 * verifier writes the line with an empty value. So there are two or four texts. The signature must match one of them.
 */
function stringsToSign(version: SignatureVersion, url: string, request: RequestHead, body: Buffer): Buffer[] {
  const names = [`${PREFIX}-timestamp`, METHOD_HEADERS[version], `${PREFIX}-version`, `${PREFIX}-url`];
  const line = (name: string): string => `${name}: ${headerOf(request, name) ?? ''}\n`;
  const token = line(`${PREFIX}-token`);
  const tokenLines = headerOf(request, `${PREFIX}-token`) === undefined ? ['', token] : [token];
  return tokenLines.flatMap((tokenLine) => {
    // Node.js gives header bytes as Latin-1, so this restores the original bytes.
    const headers = Buffer.from(`${names.map(line).join('')}${tokenLine}`, 'latin1');
    const text = Buffer.concat([Buffer.from(`${url}\n`), headers, body]);
    return [text, Buffer.concat([text, Buffer.from('\n')])];
  });
}
