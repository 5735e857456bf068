import { createHmac } from 'node:crypto';
import { KEY_ID, SECRET } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

export type Fields = Readonly<Record<string, string>>;

interface FormFile {
  readonly filename?: string | undefined;
  readonly type?: string | undefined;
}

const BOUNDARY = 'form-boundary';

export const FORM_TYPE = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

export const fieldPart = ([name, value]: readonly [string, string]): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

export function filePart(content: string, { filename, type }: FormFile): string {
  const name = filename === undefined ? '' : `; filename="${filename}"`;
  const header = type === undefined ? '' : `\r\nContent-Type: ${type}`;
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"${name}${header}\r\n\r\n${content}\r\n`;
}

export const formOfParts = (...parts: readonly string[]): Buffer =>
  Buffer.from(`${parts.join('')}--${BOUNDARY}--\r\n`);

/** A form as browsers send it: the fields, then the file. */
export const formOf = (
  fields: Fields,
  content: string,
  file: FormFile = { filename: 'my file.txt', type: 'text/plain' },
): Buffer => formOfParts(...Object.entries(fields).map(fieldPart), filePart(content, file));

export const post = (endpoint: string, body: Buffer, headers: Fields = {}, path = '/eb-ask/') =>
  send(endpoint, path, { method: 'POST', body, headers: { ...FORM_TYPE, ...headers } });

/** The headers of a request from a page of the local OSS. It accepts a form from this page only with a signature. */
export const fromPage = (endpoint: string) => ({ origin: endpoint });

/** A condition that every file in these tests satisfies. A policy needs a condition. */
export const anySize = ['content-length-range', 0, 1000];

const HOUR_MS = 3_600_000;

interface SigningOptions {
  readonly expiration?: unknown;
  readonly secret?: string;
  /** How long ago the form was signed. */
  readonly ageMs?: number;
}

const encoded = (conditions: unknown, expiration: unknown): string =>
  Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');

const inAnHour = (): string => new Date(Date.now() + HOUR_MS).toISOString();

/** Returns the fields of a policy that is signed with version 1. */
export function signed(
  conditions: unknown,
  { expiration = inAnHour(), secret = SECRET }: SigningOptions = {},
): Fields {
  return signedText(encoded(conditions, expiration), secret);
}

export function signedText(policy: string, secret = SECRET): Fields {
  const signature = createHmac('sha1', secret).update(policy).digest('base64');
  return { OSSAccessKeyId: KEY_ID, policy, Signature: signature };
}

/** Returns the fields of a policy that is signed with version 4. */
export function signedV4(
  conditions: unknown,
  { expiration = inAnHour(), ageMs = 0 }: SigningOptions = {},
): Fields {
  const policy = encoded(conditions, expiration);
  const date = `${new Date(Date.now() - ageMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
  const day = date.slice(0, 8);
  const key = [day, 'cn-hangzhou', 'oss', 'aliyun_v4_request'].reduce<string | Buffer>(
    (derived, step) => createHmac('sha256', derived).update(step).digest(),
    `aliyun_v4${SECRET}`,
  );
  return {
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `${KEY_ID}/${day}/cn-hangzhou/oss/aliyun_v4_request`,
    'x-oss-date': date,
    'x-oss-signature': createHmac('sha256', key).update(policy).digest('hex'),
    policy,
  };
}
