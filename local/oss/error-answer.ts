import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../domain/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { NOT_A_PAGE } from './not-a-page.ts';
import { OssError } from './oss-error.ts';
import type { OssAnswer } from './request.ts';
import { writeXml } from './xml.ts';

interface FailedRequest {
  readonly requestId: string;
  readonly message: IncomingMessage;
  readonly log: Log;
}

/** Returns the XML answer to an error. An error that is no `OssError` is logged and answered as InternalError. */
export function errorAnswer(error: unknown, { requestId, message, log }: FailedRequest): OssAnswer {
  const known =
    error instanceof OssError ? error : new OssError('InternalError', `The local OSS: ${messageOf(error)}`);
  if (known.code === 'InternalError')
    log.error({ err: error, requestId, url: message.url }, 'request failed');
  if (known.status === 304)
    return { status: 304, headers: { etag: `"${known.details.ETag ?? ''}"`, ...NOT_A_PAGE } };
  const xml = writeXml('Error', {
    Code: known.code,
    Message: known.message,
    RequestId: requestId,
    HostId: message.headers.host ?? '',
    ...known.details,
  });
  const headers = headersOf(known);
  if (message.method !== 'HEAD') return { status: known.status, headers, body: xml };
  // An answer to HEAD has no body, so OSS sends the error in the header x-oss-err.
  return { status: known.status, headers: { ...headers, 'x-oss-err': Buffer.from(xml).toString('base64') } };
}

function headersOf({ code, details }: OssError): Record<string, string> {
  if (code === 'MethodNotAllowed') return { allow: 'GET, HEAD, PUT, POST, DELETE' };
  return code === 'PositionNotEqualToLength' ? { 'x-oss-next-append-position': details.Position ?? '' } : {};
}
