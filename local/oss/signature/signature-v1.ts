import { createHmac } from 'node:crypto';
import type { Address } from '../address.ts';
import { signedSubresources } from '../subresources.ts';
import { byBytes, signedHeader, toByteString } from './canonical.ts';
import type { Signable } from './signable.ts';

/**
 * Returns the string to sign for signature version 1 (OSS: "Include signatures in the Authorization header"). `date` is
 * the date header, or the expiry of a signed URL.
 */
export function stringToSignV1({ method, headers, address }: Signable, date: string): string {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-oss-'));
  const ossHeaders = names.sort(byBytes).map((name) => `${name}:${signedHeader(headers, name)}\n`);
  return [
    method,
    signedHeader(headers, 'content-md5'),
    signedHeader(headers, 'content-type'),
    date,
    `${ossHeaders.join('')}${resourceOf(address)}`,
  ].join('\n');
}

/** Returns the signature of a string. The signature is in base64. */
export function signV1(secret: string, stringToSign: string): string {
  return createHmac('sha1', secret).update(stringToSign, 'latin1').digest('base64');
}

function resourceOf({ bucket, key, query }: Address): string {
  const path = bucket === '' ? '/' : `/${bucket}/${toByteString(key)}`;
  const signed: string[] = [];
  for (const [name, value] of query) {
    if (signedSubresources.has(name)) signed.push(value === '' ? name : `${name}=${toByteString(value)}`);
  }
  return signed.length === 0 ? path : `${path}?${signed.sort(byBytes).join('&')}`;
}
