import { checkBucketName, checkKey } from './check-names.ts';
import { requireObject } from './operations/get-object.ts';
import { OssError } from './oss-error.ts';
import { checkPreconditions } from './preconditions.ts';
import { header, type OssRequest } from './request.ts';
import type { ObjectAddress, StoredObject } from './storage/records.ts';
import type { Store } from './storage/store.ts';

/** Returns the address in `x-oss-copy-source: /<bucket>/<key>` (percent-encoded). */
export function copySourceOf(request: OssRequest): ObjectAddress {
  const text = header(request, 'x-oss-copy-source') ?? '';
  const path = decode(text).replace(/^\//, '');
  const slash = path.indexOf('/');
  if (slash < 0) throw invalid(text);
  const at = { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  checkBucketName(at.bucket);
  checkKey(at.key);
  return at;
}

/**
 * Returns the object that a request copies, and checks its conditions. A failed condition is always answered with 412,
 * also if GetObject would answer 304.
 */
export function readCopySource(request: OssRequest, store: Store): StoredObject {
  const object = requireObject(copySourceOf(request), store);
  try {
    checkPreconditions(request, object, 'x-oss-copy-source-');
  } catch (error) {
    if (!(error instanceof OssError && error.code === 'NotModified')) throw error;
    throw new OssError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold.',
    );
  }
  return object;
}

/** Percent-decodes the source. Rejects a `versionId`, because the stand-in does not store versions of objects. */
function decode(text: string): string {
  if (/\?versionId=/.test(text))
    throw new OssError('NotImplemented', 'Versions of objects are not implemented.');
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(text);
  }
}

const invalid = (text: string): OssError =>
  new OssError('InvalidArgument', 'Copy source must be /<bucket>/<key>, percent-encoded.', {
    ArgumentName: 'x-oss-copy-source',
    ArgumentValue: text,
  });
