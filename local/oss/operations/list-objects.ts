import { OssError } from '../oss-error.ts';
import { integerFromQuery, type OssAnswer, type OssRequest } from '../request.ts';
import { objectKey } from '../storage/databases.ts';
import type { Store } from '../storage/store.ts';
import { ossTime, owner, writeXml, type XmlElements } from '../xml.ts';
import { type Page, readPage, responseEncoding } from './listing.ts';

interface ListedObject {
  readonly key: string;
  readonly object: Parameters<Store['objects']['put']>[1];
}

/** GetBucket (ListObjects), the first version, with pages by `marker`. */
export function listObjects(request: OssRequest, store: Store): OssAnswer {
  const { bucket, query } = request;
  const after = query.get('marker') ?? '';
  const { page, common, encode } = readObjectPage(request, store, after);
  const elements = {
    Name: bucket,
    ...common,
    Marker: encode(after),
    NextMarker: page.next === undefined ? undefined : encode(page.next),
    ...objectElements(page, encode, { withOwner: true }),
  };
  return { status: 200, body: writeXml('ListBucketResult', elements) };
}

/** ListObjectsV2, with pages by an opaque token. */
export function listObjectsV2(request: OssRequest, store: Store): OssAnswer {
  const { bucket, query } = request;
  const token = query.get('continuation-token') ?? '';
  const startAfter = query.get('start-after') ?? '';
  const { page, common, encode } = readObjectPage(
    request,
    store,
    token === '' ? startAfter : readToken(token),
  );
  const elements = {
    Name: bucket,
    ...common,
    StartAfter: startAfter === '' ? undefined : encode(startAfter),
    ContinuationToken: token === '' ? undefined : token,
    NextContinuationToken: page.next === undefined ? undefined : Buffer.from(page.next).toString('base64url'),
    KeyCount: page.entries.length + page.commonPrefixes.length,
    ...objectElements(page, encode, { withOwner: query.get('fetch-owner') === 'true' }),
  };
  return { status: 200, body: writeXml('ListBucketResult', elements) };
}

function readObjectPage(request: OssRequest, store: Store, after: string) {
  const { bucket, query } = request;
  store.buckets.require(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = integerFromQuery(query, 'max-keys', { fallback: 100, min: 1, max: 1000 });
  const { encode, encoding } = responseEncoding(request);
  const scan = (start: Buffer): Iterable<ListedObject> =>
    store.objects.from(bucket, Buffer.concat([objectKey({ bucket, key: '' }), start]));
  const page = readPage(scan, { prefix, delimiter, after, limit });
  const common = {
    Prefix: encode(prefix),
    MaxKeys: limit,
    Delimiter: encode(delimiter),
    EncodingType: encoding,
    IsTruncated: page.next !== undefined,
  };
  return { page, common, encode };
}

function objectElements(
  page: Page<ListedObject>,
  encode: (text: string) => string,
  { withOwner }: { withOwner: boolean },
): XmlElements {
  return {
    Contents: page.entries.map(({ key, object }) => ({
      Key: encode(key),
      LastModified: ossTime(object.modifiedMs),
      ETag: `"${object.etag}"`,
      Type: object.kind,
      Size: object.size,
      StorageClass: 'Standard',
      Owner: withOwner ? owner : undefined,
    })),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (Buffer.from(text).toString('base64url') === token) return text;
  throw new OssError('InvalidArgument', 'The continuation token is not one that ListObjectsV2 returned.', {
    ArgumentName: 'continuation-token',
    ArgumentValue: token,
  });
}
