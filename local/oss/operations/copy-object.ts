import { checkObjectAcl } from '../acl.ts';
import { copySourceOf, readCopySource } from '../copy-source.ts';
import { storedHeaders } from '../object-headers.ts';
import { OssError } from '../oss-error.ts';
import { changeCauseOf, header, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';
import { ossTime, writeXml } from '../xml.ts';
import { forbidsOverwrite } from './put-object.ts';

/**
 * CopyObject. The copy shares the files on disk. The copy has the headers of the copied object unless the request
 * replaces them. An appendable object can only be copied to itself, which changes its headers. OSS rejects other
 * copies in buckets with versioning. For buckets without versioning, the pages of OSS's documentation contradict each
 * other.
 */
export function copyObject(request: OssRequest, store: Store): OssAnswer {
  store.buckets.require(request.bucket);
  checkObjectAcl(header(request, 'x-oss-object-acl'));
  const { bucket, key } = copySourceOf(request);
  const source = readCopySource(request, store);
  if (source.kind === 'Appendable' && (bucket !== request.bucket || key !== request.key))
    throw new OssError('InvalidRequest', 'It is forbidden to copy appendable object.', { Key: key });
  const replace = header(request, 'x-oss-metadata-directive')?.toUpperCase() === 'REPLACE';
  const headers = replace ? storedHeaders(request.headers) : source.headers;
  const segments = store.content.copy(source.segments);
  const object = { ...source, segments, headers, modifiedMs: Date.now() };
  try {
    store.objects.put(request, object, changeCauseOf(request, 'CopyObject'), {
      forbidOverwrite: forbidsOverwrite(request),
    });
  } catch (error) {
    store.content.discard(segments);
    throw error;
  }
  const result = { LastModified: ossTime(object.modifiedMs), ETag: `"${object.etag}"` };
  return {
    status: 200,
    headers: { etag: `"${object.etag}"`, 'x-oss-hash-crc64ecma': object.crc64 },
    body: writeXml('CopyObjectResult', result),
  };
}
