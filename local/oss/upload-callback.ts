import { OssError } from './oss-error.ts';
import { header, type OssRequest } from './request.ts';

/** Throws NotImplemented if `value` asks for an upload callback. `where` names the field, header or parameter. */
export function rejectCallback(where: string, value: string | undefined): void {
  if (value !== undefined && value !== '')
    throw new OssError(
      'NotImplemented',
      `The local OSS does not implement upload callbacks. Remove the ${where}.`,
    );
}

/** Throws NotImplemented if a request asks for an upload callback in its headers or query. */
export function rejectCallbackOf(request: OssRequest): void {
  rejectCallback('header x-oss-callback', header(request, 'x-oss-callback'));
  rejectCallback('query parameter callback', request.query.get('callback'));
}
