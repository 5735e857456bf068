import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { RequestWithCredentials } from '../../../gateway/auth/credentials.ts';
import type { LocalServer } from './local-server.ts';

type Json = Readonly<Record<string, unknown>>;

/** The issuer's keys `first` and `curve`, its future key `next`, and the key of a stranger. */
export const keys = {
  first: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  next: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  stranger: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  curve: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

export const AUDIENCE = 'sluice';
export const SUBJECT = 'system:serviceaccount:default:broker';

/** A public key as an element of a key set (RFC 7517). */
export const jwk = (key: KeyObject, kid: string): Json => ({
  ...key.export({ format: 'jwk' }),
  kid,
  use: 'sig',
});

/**
 * Makes the server an issuer (OpenID Connect Discovery 1.0) with these keys. `document` changes its discovery
 * document.
 */
export function serveIssuer(server: LocalServer, set: readonly Json[], document: Json = {}): void {
  server.handler = (request, response) => {
    const documents: Readonly<Record<string, Json>> = {
      '/.well-known/openid-configuration': {
        issuer: server.origin(),
        jwks_uri: `${server.origin()}/keys`,
        ...document,
      },
      '/keys': { keys: set },
    };
    const found = documents[request.url ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found));
  };
}

const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Creates a token in compact form (RFC 7515 §7.1) without a library. `claims` and `header` change the valid defaults.
 */
export function token(
  issuer: string,
  claims: Json = {},
  {
    header = {},
    key = keys.first.privateKey,
    secret,
  }: { header?: Json; key?: KeyObject; secret?: string } = {},
): string {
  const now = Math.floor(Date.now() / 1_000);
  const all = { iss: issuer, aud: AUDIENCE, sub: SUBJECT, iat: now, exp: now + 60, ...claims };
  const text = `${part({ alg: 'RS256', kid: 'first', typ: 'JWT', ...header })}.${part(all)}`;
  const signature =
    secret === undefined
      ? sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
      : createHmac('sha256', secret).update(text).digest();
  return `${text}.${signature.toString('base64url')}`;
}

/** Epoch seconds, relative to now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

/** A request with a bearer token, or without one. */
export const requestWithToken = (bearer: string | undefined): RequestWithCredentials => ({
  headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
  body: Buffer.alloc(0),
  accessToken: undefined,
});
