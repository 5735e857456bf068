import type { IncomingHttpHeaders } from 'node:http';
import {
  DATA_PLANE_VERSION,
  md5,
  requestSignature,
  sameSignature,
  TUNNEL_VERSION,
} from '../../../ots/wire/signature.ts';
import { authFailed, parameterInvalid } from '../errors.ts';
import { readOtsDate } from './ots-date.ts';

const MAX_SKEW_MS = 15 * 60_000;
const INSTANCE_NAME = /^[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]$/;

const required = [
  'x-ots-date',
  'x-ots-apiversion',
  'x-ots-accesskeyid',
  'x-ots-instancename',
  'x-ots-contentmd5',
  'x-ots-signature',
] as const;

/** The credentials and the instance that requests must have. */
export interface Account {
  readonly credentials: { readonly keyId: string; readonly secret: string };
  readonly instance: string;
}

interface SignedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Throws the service's error if a request is incomplete, has a date too far from now, or is not signed with the
 * account's key.
 */
export function authenticate({ path, headers, body }: SignedRequest, account: Account, nowMs: number): void {
  const requiredHeader = (name: (typeof required)[number]): string => {
    const value = headers[name];
    if (value === undefined) throw parameterInvalid(`Missing header: '${name}'.`);
    return String(value);
  };
  for (const name of required) requiredHeader(name);
  checkVersion(path, requiredHeader('x-ots-apiversion'));
  checkDate(requiredHeader('x-ots-date'), nowMs);
  const instance = requiredHeader('x-ots-instancename');
  if (!INSTANCE_NAME.test(instance)) throw parameterInvalid(`Invalid instance name: '${instance}'.`);
  if (requiredHeader('x-ots-accesskeyid') !== account.credentials.keyId)
    throw authFailed('The AccessKeyID does not exist.');
  const signature = requestSignature(path, headers, account.credentials.secret);
  if (!sameSignature(signature, requiredHeader('x-ots-signature'))) throw authFailed('Signature mismatch.');
  if (instance !== account.instance) throw authFailed('The instance is not found.');
  if (requiredHeader('x-ots-contentmd5') !== md5(body))
    throw authFailed('Mismatch between MD5 value of request body and x-ots-contentmd5 in header.');
}

function checkVersion(path: string, version: string): void {
  const expected = path.startsWith('/tunnel/') ? TUNNEL_VERSION : DATA_PLANE_VERSION;
  if (version !== expected)
    throw parameterInvalid(`Invalid API version: '${version}', operation ${path} has ${expected}.`);
}

function checkDate(date: string, nowMs: number): void {
  const ms = readOtsDate(date);
  if (Number.isNaN(ms)) throw parameterInvalid(`Invalid date format: ${date}.`);
  if (Math.abs(ms - nowMs) > MAX_SKEW_MS)
    throw authFailed(`Mismatch between system time and x-ots-date: ${date}.`);
}
