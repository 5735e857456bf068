import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import type { SignedRequest } from '../../../gateway/auth/credentials.ts';

/** The keys of the EventBridge of these tests, and of somebody else. */
export const eventBridgeKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const TARGET = 'https://sluice.example.com/unzip?from=eventbridge';
export const CERTIFICATE = 'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x509_2026.pem';
export const BODY = '{"specversion":"1.0","id":"1","source":"acs.oss","type":"t","subject":"报告"}';

/** How a push is signed; what is left out is as EventBridge does it. */
export interface Push {
  readonly versions?: readonly ('v1' | 'v2')[];
  readonly url?: string;
  readonly body?: string;
  readonly timestamp?: string;
  readonly certificate?: string;
  readonly token?: string;
  /** `form` of the signed text: ended as documented, or by one more line feed as the vendor's verifier has it. */
  readonly ending?: '' | '\n';
  /** Without a token: no line for it, or an empty one, as the vendor's verifier has it. */
  readonly emptyTokenLine?: boolean;
  readonly key?: KeyObject;
  /** What the headers say of the signature, signed as such. */
  readonly version?: string;
  readonly method?: string;
}

/** A request that is signed as Alibaba Cloud's page "Signature algorithm" says; written from it, not from our code. */
export function pushed(push: Push = {}): SignedRequest {
  const { versions = ['v2'], url = TARGET, body = BODY, ending = '', certificate = CERTIFICATE } = push;
  const { version = '1.0', method: methodV1 = 'HMAC-SHA1', method: methodV2 = 'SHA256' } = push;
  const timestamp = push.timestamp ?? String(Date.now());
  const key = push.key ?? eventBridgeKeys.privateKey;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-eventbridge-signature-timestamp': timestamp,
    'x-eventbridge-signature-version': version,
    'x-eventbridge-signature-url': certificate,
  };
  let tokenLine = push.emptyTokenLine ? 'x-eventbridge-signature-token: \n' : '';
  if (push.token !== undefined) {
    headers['x-eventbridge-signature-token'] = push.token;
    tokenLine = `x-eventbridge-signature-token: ${push.token}\n`;
  }
  const text = (method: string): string =>
    `${url}\nx-eventbridge-signature-timestamp: ${timestamp}\n${method}\nx-eventbridge-signature-version: ${version}\n` +
    `x-eventbridge-signature-url: ${certificate}\n${tokenLine}${body}${ending}`;
  if (versions.includes('v1')) {
    const secret = 'a-temporary-secret';
    headers['x-eventbridge-signature-method'] = methodV1;
    headers['x-eventbridge-signature-secret'] = privateEncrypt(
      { key, padding: constants.RSA_PKCS1_PADDING },
      Buffer.from(secret),
    ).toString('base64');
    headers['x-eventbridge-signature'] = createHmac('sha1', secret)
      .update(text(`x-eventbridge-signature-method: ${methodV1}`))
      .digest('base64');
  }
  if (versions.includes('v2')) {
    headers['x-eventbridge-hash-method'] = methodV2;
    const signed = Buffer.from(text(`x-eventbridge-hash-method: ${methodV2}`));
    headers['x-eventbridge-signature-v2'] = sign('RSA-SHA256', signed, key).toString('base64');
  }
  return { headers, body: Buffer.from(body), accessToken: undefined };
}

/** The same request with other headers; `undefined` takes one away. */
export function withHeaders(
  request: SignedRequest,
  changes: Readonly<Record<string, string | undefined>>,
): SignedRequest {
  return { ...request, headers: { ...request.headers, ...changes } };
}

/** A deadline far enough away. */
export const soon = (): number => Date.now() + 5_000;
