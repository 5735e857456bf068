import { timingSafeEqual } from 'node:crypto';
import { invalidArgument, OssError } from './oss-error.ts';
import { signedHeader, toByteString } from './signature/canonical.ts';
import type { Signable } from './signature/signable.ts';
import { signV1, stringToSignV1 } from './signature/signature-v1.ts';
import { ALGORITHM, readCredential, signaturesV4, signPolicyV4 } from './signature/signature-v4.ts';

export interface Credentials {
  readonly keyId: string;
  readonly secret: string;
}

const MINUTE_MS = 60_000;
const MAX_SKEW_MS = 15 * MINUTE_MS;

/** A form with a signature of version 4 is valid for at most seven days. */
const MAX_FORM_AGE_MS = 7 * 24 * 60 * MINUTE_MS;

/**
 * Checks the authentication of a request and throws the error that OSS would answer. Verifies signatures of version 1
 * and 4, in a header or in the query. A request without a signature passes if `allowUnsigned` is true.
 */
export function authenticate(
  request: Signable,
  credentials: Credentials,
  nowMs: number,
  allowUnsigned: boolean,
): void {
  const { query } = request.address;
  const authorization = signedHeader(request.headers, 'authorization');
  if (authorization.startsWith('OSS ')) checkHeaderV1(request, authorization, credentials, nowMs);
  else if (authorization.startsWith(ALGORITHM)) checkHeaderV4(request, authorization, credentials, nowMs);
  else if (authorization !== '')
    throw denied('The Authorization header must begin with OSS or OSS4-HMAC-SHA256.');
  else if (query.has('x-oss-signature-version')) checkQueryV4(request, credentials, nowMs);
  else if (query.has('Signature')) checkQueryV1(request, credentials, nowMs);
  else if (!allowUnsigned) {
    throw denied('Requests without a signature are accepted only from this machine, and not from web pages.');
  }
}

/**
 * The fields of a form that belong to a signature of version 1 or 4. A form that has one of them must have all fields
 * of its version.
 */
const SIGNATURE_FIELDS = [
  'ossaccesskeyid',
  'policy',
  'signature',
  'x-oss-signature-version',
  'x-oss-credential',
  'x-oss-date',
  'x-oss-signature',
];

/** True if a form has a signature or a part of one. */
export const isSignedForm = (fields: ReadonlyMap<string, string>): boolean =>
  SIGNATURE_FIELDS.some((name) => fields.has(name));

/** Checks the signature (version 1 or 4) of a form's policy. Returns the policy, which is in base64. */
export function checkFormSignature(
  fields: ReadonlyMap<string, string>,
  credentials: Credentials,
  nowMs: number,
): string {
  const required = (field: string, message: string): string => {
    const value = fields.get(field);
    if (value === undefined || value === '') throw invalidArgument(field, '', message);
    return value;
  };
  const version = fields.get('x-oss-signature-version');
  const policy = required('policy', 'Post request policy is empty.');
  if (version === undefined) {
    const signature = required('signature', 'Post request signature is empty.');
    checkKeyId(required('ossaccesskeyid', 'Post request accessKeyId is empty.'), credentials);
    checkSignature(signature, [signV1(credentials.secret, policy)], {});
    return policy;
  }
  if (version !== ALGORITHM) {
    const message = `The signature version of a form must be ${ALGORITHM}, or absent for version 1.`;
    throw invalidArgument('x-oss-signature-version', version, message);
  }
  const signature = required('x-oss-signature', 'Post request signature is empty.');
  const dateTime = fields.get('x-oss-date') ?? '';
  const credential = requireCredential(fields.get('x-oss-credential') ?? '', dateTime);
  checkKeyId(credential.keyId, credentials);
  checkSigningTime(readDateTime(dateTime), MAX_FORM_AGE_MS, nowMs);
  checkSignature(signature, [signPolicyV4(credentials.secret, policy, credential.scope)], {});
  return policy;
}

function checkHeaderV1(
  request: Signable,
  authorization: string,
  credentials: Credentials,
  nowMs: number,
): void {
  const colon = authorization.lastIndexOf(':');
  checkKeyId(authorization.slice('OSS '.length, colon), credentials);
  const date = signedHeader(request.headers, 'x-oss-date') || signedHeader(request.headers, 'date');
  checkSkew(Date.parse(date), nowMs);
  const text = stringToSignV1(request, date);
  checkSignature(authorization.slice(colon + 1), [signV1(credentials.secret, text)], { StringToSign: text });
}

function checkQueryV1(request: Signable, credentials: Credentials, nowMs: number): void {
  const { query } = request.address;
  checkKeyId(query.get('OSSAccessKeyId') ?? '', credentials);
  const expires = query.get('Expires') ?? '';
  if (!(Number(expires) * 1000 >= nowMs)) throw denied('Request has expired.', { Expires: expires });
  const text = stringToSignV1(request, toByteString(expires));
  checkSignature(query.get('Signature') ?? '', [signV1(credentials.secret, text)], { StringToSign: text });
}

function checkHeaderV4(
  request: Signable,
  authorization: string,
  credentials: Credentials,
  nowMs: number,
): void {
  const fields = new Map<string, string>();
  for (const field of authorization.slice(ALGORITHM.length).split(',')) {
    const equals = field.indexOf('=');
    fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const dateTime = signedHeader(request.headers, 'x-oss-date');
  checkSkew(readDateTime(dateTime), nowMs);
  checkV4(request, credentials, {
    credential: fields.get('Credential') ?? '',
    signature: fields.get('Signature') ?? '',
    additionalHeaders: fields.get('AdditionalHeaders') ?? '',
    dateTime,
  });
}

function checkQueryV4(request: Signable, credentials: Credentials, nowMs: number): void {
  const { query } = request.address;
  const dateTime = query.get('x-oss-date') ?? '';
  checkSigningTime(readDateTime(dateTime), Number(query.get('x-oss-expires')) * 1000, nowMs);
  checkV4(request, credentials, {
    credential: query.get('x-oss-credential') ?? '',
    signature: query.get('x-oss-signature') ?? '',
    additionalHeaders: query.get('x-oss-additional-headers') ?? '',
    dateTime,
  });
}

interface SignedV4 {
  readonly credential: string;
  readonly signature: string;
  readonly additionalHeaders: string;
  readonly dateTime: string;
}

function checkV4(request: Signable, credentials: Credentials, signed: SignedV4): void {
  const credential = requireCredential(signed.credential, signed.dateTime);
  checkKeyId(credential.keyId, credentials);
  const additionalHeaders =
    signed.additionalHeaders === '' ? [] : signed.additionalHeaders.toLowerCase().split(';').sort();
  const expected = signaturesV4(
    credentials.secret,
    request,
    signed.dateTime,
    credential.scope,
    additionalHeaders,
  );
  checkSignature(signed.signature, expected, {});
}

/** Reads a credential. Throws InvalidArgument if it is malformed, or if its date is not the date of the signature. */
function requireCredential(text: string, dateTime: string): NonNullable<ReturnType<typeof readCredential>> {
  const credential = readCredential(text);
  if (credential !== undefined && credential.scope.date === dateTime.slice(0, 8)) return credential;
  throw new OssError(
    'InvalidArgument',
    'The credential must be <key id>/<date>/<region>/oss/aliyun_v4_request.',
    { Credential: text },
  );
}

function checkKeyId(keyId: string, credentials: Credentials): void {
  if (keyId !== credentials.keyId) {
    throw new OssError(
      'InvalidAccessKeyId',
      'The OSS Access Key Id you provided does not exist in our records.',
      {
        OSSAccessKeyId: keyId,
      },
    );
  }
}

/** Throws SignatureDoesNotMatch if no accepted signature is equal to `given`. Compares in constant time. */
function checkSignature(given: string, accepted: readonly string[], details: Record<string, string>): void {
  const bytes = Buffer.from(given);
  let equal = false;
  for (const signature of accepted) {
    const expected = Buffer.from(signature);
    if (expected.length === bytes.length && timingSafeEqual(expected, bytes)) equal = true;
  }
  if (equal) return;
  throw new OssError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { SignatureProvided: given, ...details },
  );
}

/** Throws if a signature with a lifetime was made in the future, or has expired. */
function checkSigningTime(signedAtMs: number, lifetimeMs: number, nowMs: number): void {
  if (!(signedAtMs - nowMs <= MAX_SKEW_MS)) throw skewed();
  if (!(signedAtMs + lifetimeMs >= nowMs)) throw denied('Request has expired.');
}

function checkSkew(ms: number, nowMs: number): void {
  if (Number.isNaN(ms)) throw denied('OSS authentication requires a valid Date.');
  if (Math.abs(ms - nowMs) > MAX_SKEW_MS) throw skewed();
}

/** Parses `yyyymmddThhmmssZ` to epoch ms. Returns NaN for anything else. */
function readDateTime(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return parts === null
    ? Number.NaN
    : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
}

const skewed = (): OssError =>
  new OssError(
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    { MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS) },
  );

const denied = (message: string, details?: Record<string, string>): OssError =>
  new OssError('AccessDenied', message, details);
