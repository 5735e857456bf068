import { readRange } from '../byte-range.ts';
import { NOT_A_PAGE } from '../not-a-page.ts';
import { contentHeaders, headerValue, objectHeaders } from '../object-headers.ts';
import { noSuchKey, OssError } from '../oss-error.ts';
import { checkPreconditions } from '../preconditions.ts';
import { header, type OssAnswer, type OssRequest } from '../request.ts';
import type { StoredObject } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';

/** Up to this size, one synchronous read is faster than opening a stream. */
const SMALL_BYTES = 64 * 1024;

/** GetObject: returns the object or the requested range. */
export function getObject(request: OssRequest, store: Store): OssAnswer {
  const object = requireObject(request, store);
  checkPreconditions(request, object);
  const range = rangeOf(request, object);
  const { start, length } = range ?? { start: 0, length: object.size };
  // `content-md5` is the MD5 of the whole object, so an answer with a range omits this header.
  const { 'content-md5': md5, ...otherHeaders } = headersOf(request, object);
  const md5Header = range === undefined && md5 !== undefined ? { 'content-md5': md5 } : {};
  const headers = { ...otherHeaders, ...md5Header, 'content-length': String(length) };
  const ranged = range === undefined ? {} : contentRange(start, length, object.size);
  const answer = { status: range === undefined ? 200 : 206, headers: { ...headers, ...ranged } };
  if (length <= SMALL_BYTES)
    return { ...answer, body: store.content.readSmall(object.segments, start, length) };
  const release = store.content.pin(object.segments);
  return { ...answer, body: store.content.read(object.segments, start, length), release };
}

/** HeadObject: returns the headers of GetObject without the content. */
export function headObject(request: OssRequest, store: Store): OssAnswer {
  const object = requireObject(request, store);
  checkPreconditions(request, object);
  return { status: 200, headers: { ...headersOf(request, object), 'content-length': String(object.size) } };
}

/** GetObjectMeta: returns size, ETag and date only. */
export function getObjectMeta(request: OssRequest, store: Store): OssAnswer {
  const object = requireObject(request, store);
  return { status: 200, headers: { ...objectHeaders(object), 'content-length': String(object.size) } };
}

/** Returns the object. Throws NoSuchBucket or NoSuchKey. */
export function requireObject(
  at: { readonly bucket: string; readonly key: string },
  store: Store,
): StoredObject {
  store.buckets.require(at.bucket);
  const object = store.objects.get(at);
  if (object === undefined) throw noSuchKey(at.key);
  return object;
}

/** An invalid range selects the whole object, unless the request asks for the standard behaviour. */
function rangeOf(request: OssRequest, object: StoredObject) {
  const text = header(request, 'range');
  if (text === undefined) return undefined;
  const standard = header(request, 'x-oss-range-behavior') === 'standard';
  const range = readRange(text, object.size, { standard });
  if (range === undefined && standard) {
    throw new OssError('InvalidRange', 'The requested range cannot be satisfied.', {
      ActualObjectSize: String(object.size),
      RangeRequested: text,
    });
  }
  return range;
}

function contentRange(start: number, length: number, size: number): Record<string, string> {
  return { 'content-range': `bytes ${start}-${start + length - 1}/${size}` };
}

/** Parameters such as `response-content-type` in the query override the stored headers. */
function headersOf(request: OssRequest, object: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {
    ...object.headers,
    ...objectHeaders(object),
    ...NOT_A_PAGE,
    'accept-ranges': 'bytes',
  };
  if (object.md5 !== undefined) headers['content-md5'] = object.md5;
  for (const name of contentHeaders) {
    const value = request.query.get(`response-${name}`);
    if (value !== undefined) headers[name] = headerValue(`response-${name}`, value);
  }
  return headers;
}
