import { readCopySource } from '../copy-source.ts';
import { storedHeaders } from '../object-headers.ts';
import { changeCauseOf, header, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';
import { ossTime, writeXml } from '../xml.ts';
import { forbidsOverwrite } from './put-object.ts';

/**
 * CopyObject. The copy shares the files on disk. The copy has the headers of the copied object unless the request
 * replaces them.
 */
export function copyObject(request: OssRequest, store: Store): OssAnswer {
  store.buckets.require(request.bucket);
  const source = readCopySource(request, store);
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
