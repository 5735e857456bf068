import type { IncomingHttpHeaders } from 'node:http';
import { OtsError } from '../../ots/ots-error.ts';
import { message } from '../../ots/wire/message.ts';
import { md5, responseSignature, sameSignature } from '../../ots/wire/signature.ts';
import type { TablestoreKeys } from '../../runtime/tablestore-credentials.ts';

/** An answer as it came. */
export interface RawAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const errorMessage = message<{ code: string; message?: string }>('Error');

/** What the service refused, in its own words; a proxy in between has no codes, and its text is not shown. */
export function refusalIn({ statusCode, headers, body }: RawAnswer, keys: TablestoreKeys): OtsError {
  const requestId = headers['x-ots-requestid'];
  const about = { status: statusCode, requestId: typeof requestId === 'string' ? requestId : undefined };
  try {
    const { code, message: said = '' } = errorMessage.decode(body);
    return new OtsError(code, withoutSecrets(said, keys).slice(0, 500), about);
  } catch {
    return new OtsError(`HTTP${statusCode}`, 'an answer without an error of the service', about);
  }
}

/** What is wrong with an answer that was not refused; the package looks at neither checksum nor signature. */
export function flawOf(path: string, { headers, body }: RawAnswer, keys: TablestoreKeys): string | undefined {
  const expected = headers['x-ots-contentmd5'];
  if (expected !== undefined && expected !== md5(body)) return 'the answer is not what its checksum says';
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const signature = responseSignature(path, headers, keys.accessKeySecret);
  if (sameSignature(authorization, `OTS ${keys.accessKeyId}:${signature}`)) return undefined;
  return 'the answer is not signed with our key';
}

const withoutSecrets = (text: string, { accessKeySecret, securityToken }: TablestoreKeys): string =>
  [accessKeySecret, securityToken ?? ''].reduce(
    (shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '(a secret)')),
    text,
  );
