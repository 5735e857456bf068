import { constants, createHmac, type KeyObject, publicDecrypt, timingSafeEqual, verify } from 'node:crypto';
import type { BearerTokens } from '../../runtime/bearer-tokens.ts';
import type { Certificate, CertificateLookup } from './certificate.ts';
import { type Credential, headerOf, type SignedRequest, withinDeadline } from './credentials.ts';

export interface EventBridgeOptions {
  /** The URL that the rule's target names, with its query, to the letter: it is signed. */
  readonly url: string;
  /** Of these one is taken; v1 says nothing without `tokens`. */
  readonly versions: readonly SignatureVersion[];
  readonly certificates: CertificateLookup;
  /** The token of the rule's target. Any account can point a rule at any URL: only this tells whose rule it was. */
  readonly tokens?: BearerTokens;
}

/** How old or how far ahead a signature may be, in milliseconds. */
const MAX_AGE_MS = 60_000;

/**
 * EventBridge's signature of a push to an HTTP target (Alibaba Cloud, EventBridge, "Signature algorithm"), v1 or v2 over
 * the raw bytes. Only v2 proves that EventBridge signed this request: the secret of v1 is readable with the public
 * certificate and bound to nothing, so that whoever got one push can sign any other; v1 proves the token and no more.
 * Where the headers of v2 are there, v2 must hold: a sender cannot choose the weaker one.
 */
export function eventBridgeCredential(options: EventBridgeOptions): Credential {
  const { url, versions, certificates, tokens } = options;
  return {
    kind: 'eventbridge',
    async check(request, deadline) {
      const version = versionOf(request, versions);
      if (version === undefined) return 'absent';
      const signature = readSignature(request, version);
      if (signature === undefined || !hasRecentTimestamp(request)) return 'wrong';
      if (tokens?.include(headerOf(request, 'x-eventbridge-signature-token') ?? '') === false) return 'wrong';
      const address = headerOf(request, 'x-eventbridge-signature-url') ?? '';
      const certificate = await withinDeadline(
        certificates(address),
        deadline,
        'the certificate of EventBridge',
      );
      if (certificate === undefined || !isValidNow(certificate)) return 'wrong';
      const holds = signature(certificate.key);
      return stringsToSign(version, url, request).some(holds) ? 'proven' : 'wrong';
    },
  };
}

const MARKER_HEADERS: Readonly<Record<SignatureVersion, readonly string[]>> = {
  v2: ['x-eventbridge-signature-v2', 'x-eventbridge-hash-method'],
  v1: ['x-eventbridge-signature', 'x-eventbridge-signature-method', 'x-eventbridge-signature-secret'],
};

function versionOf(
  { headers }: SignedRequest,
  allowed: readonly SignatureVersion[],
): SignatureVersion | undefined {
  const hasMarker = (version: SignatureVersion): boolean =>
    MARKER_HEADERS[version].some((name) => headers[name] !== undefined);
  if (!allowed.some(hasMarker)) return undefined;
  return hasMarker('v2') ? 'v2' : 'v1';
}

/** Whether a text is what the sender signed, under a key. */
type SignatureVerifier = (key: KeyObject) => (text: Buffer) => boolean;

/** What the headers carry; undefined where one is missing or malformed. */
function readSignature(request: SignedRequest, version: SignatureVersion): SignatureVerifier | undefined {
  if (headerOf(request, 'x-eventbridge-signature-version') !== '1.0') return undefined;
  return version === 'v2' ? readSignatureV2(request) : readSignatureV1(request);
}

function readSignatureV2(request: SignedRequest): SignatureVerifier | undefined {
  const signature = decodeStrictBase64(headerOf(request, 'x-eventbridge-signature-v2'));
  if (signature === undefined || headerOf(request, 'x-eventbridge-hash-method') !== 'SHA256')
    return undefined;
  return (key) => (text) => verify('RSA-SHA256', text, key, signature);
}

function readSignatureV1(request: SignedRequest): SignatureVerifier | undefined {
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

/** The secret "encrypted" with the private key, PKCS#1 v1.5; undefined where it was not that key. */
function decryptSecret(key: KeyObject, encrypted: Buffer): Buffer | undefined {
  try {
    const secret = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encrypted);
    return secret.length === 0 ? undefined : secret;
  } catch {
    return undefined;
  }
}

function hasRecentTimestamp(request: SignedRequest): boolean {
  const stamp = headerOf(request, 'x-eventbridge-signature-timestamp') ?? '';
  return /^\d{1,15}$/.test(stamp) && Math.abs(Date.now() - Number(stamp)) <= MAX_AGE_MS;
}

const isValidNow = ({ validFromMs, validToMs }: Certificate): boolean =>
  validFromMs <= Date.now() && Date.now() <= validToMs;

/** Base64 to the letter: Node's own decoder skips what it does not know. */
function decodeStrictBase64(text = ''): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

const PREFIX = 'x-eventbridge-signature';

/** The header in which each version names its algorithm; it is the second line of that version's headers. */
const METHOD_HEADERS = { v1: `${PREFIX}-method`, v2: 'x-eventbridge-hash-method' } as const;

/** The versions of EventBridge's signature: HMAC-SHA1 under an encrypted secret, and RSA with SHA-256. */
export type SignatureVersion = keyof typeof METHOD_HEADERS;

/**
 * What EventBridge may have signed for a request to `url` (Alibaba Cloud, EventBridge, "Signature algorithm"): the URL,
 * the headers as `name: value` in fixed order, and the raw body, each on a line. The documents end it at the body, the
 * vendor's own verifier (alibabacloud-eventbridge-sdk, StringToSignBuilder) with one more line feed; without a token the
 * former has no line for it and the latter an empty one. So there are two or four forms, of which one must hold.
 */
function stringsToSign(version: SignatureVersion, url: string, request: SignedRequest): Buffer[] {
  const names = [`${PREFIX}-timestamp`, METHOD_HEADERS[version], `${PREFIX}-version`, `${PREFIX}-url`];
  const line = (name: string): string => `${name}: ${headerOf(request, name) ?? ''}\n`;
  const token = line(`${PREFIX}-token`);
  const tokenLines = headerOf(request, `${PREFIX}-token`) === undefined ? ['', token] : [token];
  return tokenLines.flatMap((tokenLine) => {
    // Node gives header bytes as Latin-1, so this gives back the bytes that were sent.
    const headers = Buffer.from(`${names.map(line).join('')}${tokenLine}`, 'latin1');
    const text = Buffer.concat([Buffer.from(`${url}\n`), headers, request.body]);
    return [text, Buffer.concat([text, Buffer.from('\n')])];
  });
}
