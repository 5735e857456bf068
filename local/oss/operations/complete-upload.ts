import { createHash } from 'node:crypto';
import { objectUrl } from '../address.ts';
import { OssError } from '../oss-error.ts';
import { readWhole } from '../receive-body.ts';
import { changeCauseOf, type OssAnswer, type OssRequest } from '../request.ts';
import { combineCrc64 } from '../storage/crc64.ts';
import type { StoredObject, StoredPart } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import { rejectCallbackOf } from '../upload-callback.ts';
import { childElements, malformedXml, readXml, writeXml } from '../xml.ts';
import { MAX_XML_BYTES, responseEncoding } from './listing.ts';
import { forbidsOverwrite } from './put-object.ts';

/** The minimum size of each part except the last. */
const MIN_PART_BYTES = 100 * 1024;

/** CompleteMultipartUpload: the parts listed in the XML, in their order, become the object. Nothing is copied. */
export async function completeMultipartUpload(request: OssRequest, store: Store): Promise<OssAnswer> {
  const { bucket, key } = request;
  const uploadId = request.query.get('uploadId') ?? '';
  store.uploads.require(request, uploadId);
  rejectCallbackOf(request);
  const body = await readWhole(request.body, MAX_XML_BYTES);
  const { headers } = store.uploads.require(request, uploadId);
  const parts = requireListedParts(body.toString('utf8'), uploadId, store);
  const object: StoredObject = {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: multipartEtag(parts),
    crc64: parts.reduce((crc, part) => combineCrc64(crc, BigInt(part.crc64), part.size), 0n).toString(),
    segments: parts.flatMap(({ segments }) => segments),
    modifiedMs: Date.now(),
    kind: 'Multipart',
    headers,
  };
  store.uploads.complete(
    request,
    uploadId,
    object,
    changeCauseOf(request, 'CompleteMultipartUpload'),
    forbidsOverwrite(request),
  );
  const { encode, encoding } = responseEncoding(request);
  const result = {
    EncodingType: encoding,
    Location: objectUrl(request.headers.host ?? '', bucket, key),
    Bucket: bucket,
    Key: encode(key),
    ETag: `"${object.etag}"`,
  };
  return {
    status: 200,
    headers: { etag: `"${object.etag}"`, 'x-oss-hash-crc64ecma': object.crc64 },
    body: writeXml('CompleteMultipartUploadResult', result),
  };
}

/** AbortMultipartUpload: deletes the parts. */
export function abortMultipartUpload(request: OssRequest, store: Store): OssAnswer {
  store.uploads.abort(
    request,
    request.query.get('uploadId') ?? '',
    changeCauseOf(request, 'AbortMultipartUpload'),
  );
  return { status: 204 };
}

interface ListedPart {
  readonly number: number;
  readonly etag: string;
}

/** Returns the stored parts that the request lists. Throws if any of them is missing, different or too small. */
function requireListedParts(xml: string, uploadId: string, store: Store): StoredPart[] {
  const listed = readListedParts(xml);
  const stored = new Map([...store.uploads.parts(uploadId)].map(({ number, part }) => [number, part]));
  const parts = listed.map(({ number, etag }) => {
    const part = stored.get(number);
    if (part !== undefined && etag.trim().replaceAll('"', '').toUpperCase() === part.etag) return part;
    throw new OssError('InvalidPart', 'A part is missing, or its entity tag is not the one in the request.', {
      PartNumber: String(number),
      ETag: etag,
    });
  });
  for (const [index, { size }] of parts.slice(0, -1).entries()) {
    if (size >= MIN_PART_BYTES) continue;
    throw new OssError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size.', {
      MinSizeAllowed: String(MIN_PART_BYTES),
      ProposedSize: String(size),
      PartNumber: String(listed[index]?.number),
    });
  }
  return parts;
}

function readListedParts(xml: string): ListedPart[] {
  const listedParts = childElements(readXml(xml, 'CompleteMultipartUpload').Part).map(
    ({ PartNumber: text, ETag: etag }) => {
      const number = typeof text === 'string' && /^\s*\d{1,5}\s*$/.test(text) ? Number(text) : 0;
      if (number === 0 || typeof etag !== 'string') throw malformedXml();
      return { number, etag };
    },
  );
  if (listedParts.length === 0) throw malformedXml();
  for (const [index, { number }] of listedParts.entries()) {
    if (number > (listedParts[index - 1]?.number ?? 0)) continue;
    throw new OssError('InvalidPartOrder', 'The list of parts was not in ascending order by part number.', {
      PartNumber: String(number),
    });
  }
  return listedParts;
}

/** Returns the ETag of a multipart object: the MD5 of the parts' MD5s, in upper-case hex, and the number of parts. */
function multipartEtag(parts: readonly { readonly etag: string }[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(etag, 'hex');
  return `${hash.digest('hex').toUpperCase()}-${parts.length}`;
}
