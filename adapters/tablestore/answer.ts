import type { IncomingHttpHeaders } from 'node:http';
import { OtsError } from '../../ots/ots-error.ts';
import { message } from '../../ots/wire/message.ts';
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

const withoutSecrets = (text: string, { accessKeySecret, securityToken }: TablestoreKeys): string =>
  [accessKeySecret, securityToken ?? ''].reduce(
    (shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '(a secret)')),
    text,
  );
