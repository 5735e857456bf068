import { storedHeaders } from '../object-headers.ts';
import { changeCauseOf, integerFromQuery, type OssAnswer, type OssRequest } from '../request.ts';
import { objectKey } from '../storage/databases.ts';
import type { Store } from '../storage/store.ts';
import type { OpenUpload } from '../storage/uploads.ts';
import { ossTime, owner, writeXml } from '../xml.ts';
import { readPage, responseEncoding } from './listing.ts';

/** InitiateMultipartUpload. The object gets the headers of this request. */
export function initiateMultipartUpload(request: OssRequest, store: Store): OssAnswer {
  const { bucket, key, headers } = request;
  const uploadId = store.uploads.begin(
    request,
    storedHeaders(headers),
    changeCauseOf(request, 'InitiateMultipartUpload'),
  );
  const { encode, encoding } = responseEncoding(request);
  const result = { EncodingType: encoding, Bucket: bucket, Key: encode(key), UploadId: uploadId };
  return { status: 200, body: writeXml('InitiateMultipartUploadResult', result) };
}

/** ListParts, with pages by part number. */
export function listParts(request: OssRequest, store: Store): OssAnswer {
  const { bucket, key, query } = request;
  const uploadId = query.get('uploadId') ?? '';
  store.uploads.require(request, uploadId);
  const limit = integerFromQuery(query, 'max-parts', { fallback: 1000, min: 1, max: 1000 });
  const marker = integerFromQuery(query, 'part-number-marker', { fallback: 0, min: 0, max: 10_000 });
  const found = [...store.uploads.parts(uploadId, marker)];
  const shown = found.slice(0, limit);
  const { encode, encoding } = responseEncoding(request);
  const result = {
    EncodingType: encoding,
    Bucket: bucket,
    Key: encode(key),
    UploadId: uploadId,
    StorageClass: 'Standard',
    PartNumberMarker: marker,
    NextPartNumberMarker: shown.at(-1)?.number ?? marker,
    MaxParts: limit,
    IsTruncated: found.length > limit,
    Part: shown.map(({ number, part }) => ({
      PartNumber: number,
      LastModified: ossTime(part.modifiedMs),
      ETag: `"${part.etag}"`,
      HashCrc64ecma: part.crc64,
      Size: part.size,
    })),
  };
  return { status: 200, body: writeXml('ListPartsResult', result) };
}

/** ListMultipartUploads, with pages by key and upload id. */
export function listMultipartUploads(request: OssRequest, store: Store): OssAnswer {
  const { bucket, query } = request;
  store.buckets.require(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const limit = integerFromQuery(query, 'max-uploads', { fallback: 1000, min: 1, max: 1000 });
  const { encode, encoding } = responseEncoding(request);
  const scan = (start: Buffer): Iterable<OpenUpload> => {
    const from = idMarker === '' ? start : greaterOf(start, Buffer.from(keyMarker));
    const uploads = store.uploads.from(bucket, Buffer.concat([objectKey({ bucket, key: '' }), from]));
    return skipListed(uploads, keyMarker, idMarker);
  };
  const page = readPage(scan, { prefix, delimiter, after: idMarker === '' ? keyMarker : '', limit });
  const last = page.entries.at(-1);
  const result = {
    EncodingType: encoding,
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: page.next === undefined ? '' : encode(page.next),
    NextUploadIdMarker: page.next !== undefined && page.next === last?.key ? last.uploadId : '',
    Delimiter: encode(delimiter),
    Prefix: encode(prefix),
    MaxUploads: limit,
    IsTruncated: page.next !== undefined,
    Upload: page.entries.map(({ key, uploadId, upload }) => ({
      Key: encode(key),
      UploadId: uploadId,
      StorageClass: 'Standard',
      Owner: owner,
      Initiated: ossTime(upload.initiatedMs),
    })),
    CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  };
  return { status: 200, body: writeXml('ListMultipartUploadsResult', result) };
}

/**
 * Skips the uploads that earlier pages have listed under the key `keyMarker`. If `idMarker` is empty, these are all
 * uploads of this key. Otherwise they are those with an id up to `idMarker`.
 */
function* skipListed(
  uploads: Iterable<OpenUpload>,
  keyMarker: string,
  idMarker: string,
): Generator<OpenUpload> {
  for (const upload of uploads) {
    const listed = upload.key === keyMarker && (idMarker === '' || upload.uploadId <= idMarker);
    if (!listed) yield upload;
  }
}

const greaterOf = (a: Buffer, b: Buffer): Buffer => (Buffer.compare(a, b) > 0 ? a : b);
