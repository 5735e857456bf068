import { headerOf, type SignedRequest } from './credentials.ts';

const PREFIX = 'x-eventbridge-signature';

/** The header in which each version names its algorithm; it is the second line of that version's headers. */
const METHOD = { v1: `${PREFIX}-method`, v2: 'x-eventbridge-hash-method' } as const;

/** The versions of EventBridge's signature: HMAC-SHA1 under an encrypted secret, and RSA with SHA-256. */
export type SignatureVersion = keyof typeof METHOD;

/**
 * What EventBridge may have signed for a request to `url` (Alibaba Cloud, EventBridge, "Signature algorithm"): the URL,
 * the headers as `name: value` in fixed order, and the raw body, each on a line. The documents end it at the body, the
 * vendor's own verifier (alibabacloud-eventbridge-sdk, StringToSignBuilder) with one more line feed; without a token the
 * former has no line for it and the latter an empty one. So there are two or four forms, of which one must hold.
 */
export function stringsToSign(version: SignatureVersion, url: string, request: SignedRequest): Buffer[] {
  const names = [`${PREFIX}-timestamp`, METHOD[version], `${PREFIX}-version`, `${PREFIX}-url`];
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
