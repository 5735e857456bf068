import { checkObjectAcl } from '../acl.ts';
import { storedHeaders } from '../object-headers.ts';
import { receiveBody } from '../receive-body.ts';
import { changeCauseOf, header, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';
import { rejectCallbackOf } from '../upload-callback.ts';

/** PutObject: the body becomes the object and replaces an existing one. */
export async function putObject(request: OssRequest, store: Store): Promise<OssAnswer> {
  store.buckets.require(request.bucket);
  checkObjectAcl(header(request, 'x-oss-object-acl'));
  rejectCallbackOf(request);
  const content = await receiveBody(request.body, store);
  const object = {
    ...content,
    kind: 'Normal',
    modifiedMs: Date.now(),
    headers: storedHeaders(request.headers),
  } as const;
  try {
    store.objects.put(request, object, changeCauseOf(request, 'PutObject'), {
      forbidOverwrite: forbidsOverwrite(request),
    });
  } catch (error) {
    store.content.discard(content.segments);
    throw error;
  }
  return {
    status: 200,
    headers: {
      etag: `"${content.etag}"`,
      'content-md5': content.md5,
      'x-oss-hash-crc64ecma': content.crc64,
    },
  };
}

/** True if the request has `x-oss-forbid-overwrite: true`. */
export function forbidsOverwrite(request: OssRequest): boolean {
  return header(request, 'x-oss-forbid-overwrite')?.toLowerCase() === 'true';
}
