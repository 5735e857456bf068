import { createHash, createHmac } from 'node:crypto';
import { signedSubresources } from '../subresources.ts';
import { byBytes, percentEncode, signedHeader } from './canonical.ts';
import type { Signable } from './signable.ts';

/** The scope of a version 4 credential: `<yyyymmdd>/<region>/oss/aliyun_v4_request`. */
export interface Scope {
  readonly date: string;
  readonly region: string;
}

export const ALGORITHM = 'OSS4-HMAC-SHA256';

/** Reads `<key id>/<yyyymmdd>/<region>/oss/aliyun_v4_request`. Returns undefined for anything else. */
export function readCredential(text: string): { readonly keyId: string; readonly scope: Scope } | undefined {
  const [, keyId, date, region] = /^(.+)\/(\d{8})\/([^/]+)\/oss\/aliyun_v4_request$/.exec(text) ?? [];
  return keyId === undefined || date === undefined || region === undefined
    ? undefined
    : { keyId, scope: { date, region } };
}

/**
 * Returns the signatures that are accepted for a request (OSS: "V4 signature"). They differ only in the form of query
 * names without a value. The documentation and oss2 use the bare name. ali-oss uses the bare name for sub-resources
 * and `name=` for all others. Other clients always use `name=`.
 */
export function signaturesV4(
  secret: string,
  request: Signable,
  dateTime: string,
  scope: Scope,
  additionalHeaders: string[],
): string[] {
  const key = signingKey(secret, scope);
  const scopeText = `${scope.date}/${scope.region}/oss/aliyun_v4_request`;
  return canonicalQueries(request.address.query).map((query) => {
    const canonical = createHash('sha256')
      .update(canonicalRequest(request, query, additionalHeaders), 'latin1')
      .digest('hex');
    return createHmac('sha256', key)
      .update(`${ALGORITHM}\n${dateTime}\n${scopeText}\n${canonical}`, 'latin1')
      .digest('hex');
  });
}

/** Returns the signature, in hex, of a form's policy, which is in base64 (OSS: "PostObject"). */
export const signPolicyV4 = (secret: string, policy: string, scope: Scope): string =>
  createHmac('sha256', signingKey(secret, scope)).update(policy).digest('hex');

function canonicalRequest(
  { method, headers, address }: Signable,
  query: string,
  additionalHeaders: string[],
): string {
  const { bucket, key } = address;
  const path = bucket === '' ? '/' : `/${bucket}/${key.split('/').map(percentEncode).join('/')}`;
  const names = Object.keys(headers).filter(
    (name) =>
      name.startsWith('x-oss-') ||
      name === 'content-type' ||
      name === 'content-md5' ||
      additionalHeaders.includes(name),
  );
  const signed = names.sort(byBytes).map((name) => `${name}:${signedHeader(headers, name)}\n`);
  const payload = signedHeader(headers, 'x-oss-content-sha256') || 'UNSIGNED-PAYLOAD';
  return [method, path, query, signed.join(''), additionalHeaders.join(';'), payload].join('\n');
}

function canonicalQueries(query: ReadonlyMap<string, string>): string[] {
  const pairs = [...query].filter(([name]) => name !== 'x-oss-signature');
  const encoded = pairs.map(([name, value]) => [percentEncode(name), percentEncode(value), name] as const);
  encoded.sort(([a], [b]) => byBytes(a, b));
  const join = (bare: (name: string) => boolean) =>
    encoded.map(([name, value, raw]) => (value === '' && bare(raw) ? name : `${name}=${value}`)).join('&');
  const bare = join(() => true);
  if (pairs.every(([, value]) => value !== '')) return [bare];
  return [...new Set([bare, join((name) => signedSubresources.has(name)), join(() => false)])];
}

/** Caches the last signing key. A key is valid for a day, and computing it takes four hashes. */
let lastKey: { readonly id: string; readonly key: Buffer } | undefined;

function signingKey(secret: string, { date, region }: Scope): Buffer {
  const id = JSON.stringify([secret, date, region]);
  if (lastKey?.id !== id) {
    const steps = [date, region, 'oss', 'aliyun_v4_request'];
    const key = steps.reduce<Buffer | string>(
      (derived, step) => createHmac('sha256', derived).update(step).digest(),
      `aliyun_v4${secret}`,
    );
    lastKey = { id, key: Buffer.from(key) };
  }
  return lastKey.key;
}
