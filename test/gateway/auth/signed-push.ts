import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import type { RequestWithCredentials } from '../../../gateway/auth/credentials.ts';

/** The keys of the tests' EventBridge, and of a stranger. */
export const eventBridgeKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const TARGET = 'https://sluice.example.com/unzip?from=eventbridge';
export const CERTIFICATE = 'https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x509_2026.pem';
export const BODY = '{"specversion":"1.0","id":"1","source":"acs.oss","type":"t","subject":"报告"}';

/** How to sign a push. Defaults: as EventBridge does. */
export interface Push {
  readonly versions?: readonly ('v1' | 'v2')[];
  readonly url?: string;
  readonly body?: string;
  readonly timestamp?: string;
  readonly certificate?: string;
  readonly token?: string;
  /** The end of the signed text: as documented, or with an additional line feed as in the vendor's verifier. */
  readonly ending?: '' | '\n';
  /** Without a token: an empty token line, as in the vendor's verifier, or none. */
  readonly emptyTokenLine?: boolean;
  readonly key?: KeyObject;
  /** The headers about the signature. They are part of the signed text. */
  readonly version?: string;
  readonly method?: string;
}

/** Signs a request as Alibaba Cloud's page "Signature algorithm" describes, independently of the gateway's code. */
export function signedPush(push: Push = {}): RequestWithCredentials {
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

/** Returns the request with other headers. `undefined` removes a header. */
export function withHeaders(
  request: RequestWithCredentials,
  changes: Readonly<Record<string, string | undefined>>,
): RequestWithCredentials {
  return { ...request, headers: { ...request.headers, ...changes } };
}

/** A deadline that these tests do not reach. */
export const distantDeadline = (): number => Date.now() + 5_000;
