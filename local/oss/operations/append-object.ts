import { storedHeaders } from '../object-headers.ts';
import { receiveBody } from '../receive-body.ts';
import { changeCauseOf, integerFromQuery, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';

/** The largest position: an appendable object has at most 5 GiB. */
const MAX_POSITION = 5 * 1024 ** 3;

/** AppendObject: appends the body to an object that was created in this way, at the position where it ends. */
export async function appendObject(request: OssRequest, store: Store): Promise<OssAnswer> {
  store.buckets.require(request.bucket);
  const position = integerFromQuery(request.query, 'position', { fallback: 0, min: 0, max: MAX_POSITION });
  const content = await receiveBody(request.body, store);
  try {
    const headers = storedHeaders(request.headers);
    const cause = changeCauseOf(request, 'AppendObject');
    const { etag, crc64, size } = store.objects.append(request, content, { position, headers }, cause);
    return {
      status: 200,
      headers: {
        etag: `"${etag}"`,
        'x-oss-hash-crc64ecma': crc64,
        'x-oss-next-append-position': String(size),
      },
    };
  } catch (error) {
    store.content.discard(content.segments);
    throw error;
  }
}
