import { checkObjectAcl } from '../acl.ts';
import { storedHeaders } from '../object-headers.ts';
import { OssError } from '../oss-error.ts';
import { receiveBody } from '../receive-body.ts';
import { changeCauseOf, header, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';

/** AppendObject: creates an object, or appends the body to the end of an object that AppendObject has created. */
export async function appendObject(request: OssRequest, store: Store): Promise<OssAnswer> {
  store.buckets.require(request.bucket);
  const position = positionOf(request);
  checkObjectAcl(header(request, 'x-oss-object-acl'));
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

/** Returns the required position. OSS answers a position that is not a number in the same way as a missing position. */
function positionOf({ query }: OssRequest): number {
  const text = query.get('position') ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  throw new OssError('MissingArgument', 'Missing Some Required Arguments.', {
    ArgumentName: 'position',
    ArgumentValue: text,
  });
}
