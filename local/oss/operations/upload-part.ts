import { readRange } from '../byte-range.ts';
import { readCopySource } from '../copy-source.ts';
import { OssError } from '../oss-error.ts';
import { receiveBody } from '../receive-body.ts';
import { changeCauseOf, header, integerFromQuery, type OssAnswer, type OssRequest } from '../request.ts';
import type { Content } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import { writeContentStream } from '../write-content.ts';
import { ossTime, writeXml } from '../xml.ts';

export const MAX_PARTS = 10_000;

/** UploadPart. Replaces an earlier part with the same number. */
export async function uploadPart(request: OssRequest, store: Store): Promise<OssAnswer> {
  const { number, uploadId } = partOf(request, store);
  const content = await receiveBody(request.body, store);
  addPart(request, store, { number, uploadId, content, name: 'UploadPart' });
  const headers = {
    etag: `"${content.etag}"`,
    'content-md5': content.md5,
    'x-oss-hash-crc64ecma': content.crc64,
  };
  return { status: 200, headers };
}

/** UploadPartCopy: copies an object or a range of it into a part. An invalid range selects the whole object. */
export async function uploadPartCopy(request: OssRequest, store: Store): Promise<OssAnswer> {
  const { number, uploadId } = partOf(request, store);
  const source = readCopySource(request, store);
  const text = header(request, 'x-oss-copy-source-range');
  const { start, length } = (text !== undefined && readRange(text, source.size, { standard: false })) || {
    start: 0,
    length: source.size,
  };
  const release = store.content.pin(source.segments);
  let content: Content;
  try {
    content = await writeContentStream(store.content.read(source.segments, start, length), store);
  } finally {
    release();
  }
  addPart(request, store, { number, uploadId, content, name: 'UploadPartCopy' });
  const ranged =
    text === undefined ? {} : { 'content-range': `bytes ${start}-${start + length - 1}/${source.size}` };
  const result = { LastModified: ossTime(Date.now()), ETag: `"${content.etag}"` };
  return { status: 200, headers: { etag: result.ETag, ...ranged }, body: writeXml('CopyPartResult', result) };
}

interface NewPart {
  readonly number: number;
  readonly uploadId: string;
  readonly content: Content;
  readonly name: 'UploadPart' | 'UploadPartCopy';
}

function addPart(request: OssRequest, store: Store, { number, uploadId, content, name }: NewPart): void {
  try {
    store.uploads.addPart(request, uploadId, number, content, changeCauseOf(request, name));
  } catch (error) {
    store.content.discard(content.segments);
    throw error;
  }
}

function partOf(request: OssRequest, store: Store): { number: number; uploadId: string } {
  const uploadId = request.query.get('uploadId') ?? '';
  store.uploads.require(request, uploadId);
  const number = integerFromQuery(request.query, 'partNumber', { fallback: 0, min: 1, max: MAX_PARTS });
  if (number > 0) return { number, uploadId };
  throw new OssError('InvalidArgument', 'The query parameter partNumber is required.', {
    ArgumentName: 'partNumber',
  });
}
