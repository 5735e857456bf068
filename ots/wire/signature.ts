import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The keys that sign a request. Temporary credentials have a `securityToken`. */
export interface OtsCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string | undefined;
}

/** The API version of the data plane. */
export const DATA_PLANE_VERSION = '2015-12-31';
/** The API version of the Tunnel Service. */
export const TUNNEL_VERSION = '2018-04-01';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('base64');

const hmac = (secret: string, text: string): string =>
  createHmac('sha1', secret).update(text).digest('base64');

/** The signed headers: all `x-ots-…` except the signature itself, as `name:value`, sorted. */
const signedLines = (headers: Headers): string[] =>
  Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), String(value ?? '').trim()] as const)
    .filter(([name]) => name.startsWith('x-ots-') && name !== 'x-ots-signature')
    .map(([name, value]) => `${name}:${value}`)
    .sort();

/** A request's signature (`x-ots-signature`): HMAC-SHA1 of path, method, an empty query, and the headers. */
export const requestSignature = (path: string, headers: Headers, secret: string): string =>
  hmac(secret, `${path}\nPOST\n\n${signedLines(headers).join('\n')}\n`);

/** An answer's signature in `authorization: OTS <key id>:<signature>`, as the Python SDK checks it. */
export const responseSignature = (path: string, headers: Headers, secret: string): string =>
  hmac(secret, `${signedLines(headers).join('\n')}\n${path}`);

/** Compares in constant time. */
export function sameSignature(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Returns all headers of a signed request. `now` in epoch ms. */
export function headersWithSignature(
  path: string,
  body: Uint8Array,
  {
    instance,
    version,
    credentials,
    now,
  }: { instance: string; version: string; credentials: OtsCredentials; now: number },
): Record<string, string> {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const headers: Record<string, string> = {
    'x-ots-date': new Date(now).toISOString(),
    'x-ots-apiversion': version,
    'x-ots-accesskeyid': accessKeyId,
    'x-ots-instancename': instance,
    'x-ots-contentmd5': md5(body),
    ...(securityToken === undefined ? {} : { 'x-ots-ststoken': securityToken }),
  };
  return { ...headers, 'x-ots-signature': requestSignature(path, headers, accessKeySecret) };
}
