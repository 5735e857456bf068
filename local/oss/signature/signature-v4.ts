import { createHash, createHmac } from 'node:crypto';
import { signedSubresources } from '../subresources.ts';
import { byBytes, percentEncode, signedHeader } from './canonical.ts';
import type { Signable } from './signable.ts';

/** What a version 4 credential is for: `<yyyymmdd>/<region>/oss/aliyun_v4_request`. */
export interface Scope {
  readonly date: string;
  readonly region: string;
}

export const ALGORITHM = 'OSS4-HMAC-SHA256';

/** Reads `<key id>/<yyyymmdd>/<region>/oss/aliyun_v4_request`; undefined for anything else. */
export function readCredential(text: string): { readonly keyId: string; readonly scope: Scope } | undefined {
  const [, keyId, date, region] = /^(.+)\/(\d{8})\/([^/]+)\/oss\/aliyun_v4_request$/.exec(text) ?? [];
  return keyId === undefined || date === undefined || region === undefined
    ? undefined
    : { keyId, scope: { date, region } };
}

/**
 * The signatures that are right for a request (OSS: "V4 signature"). They differ only in how a query name without
 * a value is written: documentation and oss2 write the bare name, ali-oss so only for sub-resources, others `name=`.
 */
export function signaturesV4(
  secret: string,
  request: Signable,
  dateTime: string,
  scope: Scope,
  extra: string[],
): string[] {
  const key = signingKey(secret, scope);
  const named = `${scope.date}/${scope.region}/oss/aliyun_v4_request`;
  return canonicalQueries(request.address.query).map((query) => {
    const canonical = createHash('sha256')
      .update(canonicalRequest(request, query, extra), 'latin1')
      .digest('hex');
    return createHmac('sha256', key)
      .update(`${ALGORITHM}\n${dateTime}\n${named}\n${canonical}`, 'latin1')
      .digest('hex');
  });
}

function canonicalRequest({ method, headers, address }: Signable, query: string, extra: string[]): string {
  const { bucket, key } = address;
  const path = bucket === '' ? '/' : `/${bucket}/${key.split('/').map(percentEncode).join('/')}`;
  const names = Object.keys(headers).filter(
    (name) =>
      name.startsWith('x-oss-') || name === 'content-type' || name === 'content-md5' || extra.includes(name),
  );
  const signed = names.sort(byBytes).map((name) => `${name}:${signedHeader(headers, name)}\n`);
  const payload = signedHeader(headers, 'x-oss-content-sha256') || 'UNSIGNED-PAYLOAD';
  return [method, path, query, signed.join(''), extra.join(';'), payload].join('\n');
}

function canonicalQueries(query: ReadonlyMap<string, string>): string[] {
  const pairs = [...query].filter(([name]) => name !== 'x-oss-signature');
  const encoded = pairs.map(([name, value]) => [percentEncode(name), percentEncode(value), name] as const);
  encoded.sort(([a], [b]) => byBytes(a, b));
  const written = (bare: (name: string) => boolean) =>
    encoded.map(([name, value, raw]) => (value === '' && bare(raw) ? name : `${name}=${value}`)).join('&');
  const bare = written(() => true);
  if (pairs.every(([, value]) => value !== '')) return [bare];
  return [...new Set([bare, written((name) => signedSubresources.has(name)), written(() => false)])];
}

/** Signing keys are good for a day and cost four hashes, so the last one is kept. */
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
