import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { checkKey } from '../check-names.ts';
import type { AllowedSize } from '../form-policy.ts';
import { storedHeaders } from '../object-headers.ts';
import { OssError } from '../oss-error.ts';
import { IncompleteBody, withSizeLimit } from '../receive-body.ts';
import { changeCauseOf, type OssAnswer, type OssRequest } from '../request.ts';
import type { Content } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import { writeContentStream } from '../write-content.ts';
import { writeXml } from '../xml.ts';

/** OSS's limit for all fields of a form except the file. */
const MAX_FIELD_BYTES = 2 * 1024 * 1024;

/** The name of the uploaded file replaces this text in the key. */
const FILE_NAME = ['$', '{filename}'].join('');

interface ReceivedForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly content: Content;
}

/**
 * PostObject: a form with a file, as browsers and consoles send it. The fields before the file have the key, and a
 * policy with its signature. Fields after the file are ignored.
 */
export async function postObject(request: OssRequest, store: Store): Promise<OssAnswer> {
  const { bucket } = request;
  store.buckets.require(bucket);
  const { fields, content } = await receiveForm(request, store);
  const key = fields.get('key') ?? '';
  try {
    const headers = storedHeaders(Object.fromEntries(fields));
    const object = { ...content, kind: 'Normal', modifiedMs: Date.now(), headers } as const;
    const forbidOverwrite = fields.get('x-oss-forbid-overwrite')?.toLowerCase() === 'true';
    store.objects.put({ bucket, key }, object, changeCauseOf(request, 'PostObject'), { forbidOverwrite });
  } catch (error) {
    store.content.discard(content.segments);
    throw error;
  }
  return answer(request, fields, key, content);
}

function answer(
  { bucket, headers: { host = bucket } }: OssRequest,
  fields: ReceivedForm['fields'],
  key: string,
  { etag, md5, crc64 }: Content,
): OssAnswer {
  const headers = { etag: `"${etag}"`, 'content-md5': md5, 'x-oss-hash-crc64ecma': crc64 };
  const redirect = fields.get('success_action_redirect') ?? '';
  if (URL.canParse(redirect)) {
    const location = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag: headers.etag }))
      location.searchParams.set(name, value);
    return { status: 303, headers: { ...headers, location: location.href } };
  }
  const status = fields.get('success_action_status');
  if (status !== '200' && status !== '201') return { status: 204, headers };
  const location = `http://${host}/${bucket}/${encodeURIComponent(key)}`;
  const result = { Bucket: bucket, Location: location, Key: key, ETag: headers.etag };
  return { status: Number(status), headers, body: status === '201' ? writeXml('PostResponse', result) : '' };
}

/** Receives the fields and the file. The form is checked before the file is stored. */
async function receiveForm(request: OssRequest, store: Store): Promise<ReceivedForm> {
  const fields = new Map<string, string>();
  let file: Promise<Content> | undefined;
  const parser = createParser(request);
  parser.on('field', (name, value, { valueTruncated }) => {
    if (valueTruncated) parser.destroy(malformed(`The field ${name} is too large.`));
    else if (file === undefined) fields.set(name.toLowerCase(), value);
  });
  parser.on('file', (name, stream, { filename }) => {
    if (name.toLowerCase() !== 'file' || file !== undefined) stream.resume();
    else {
      file = storeFile(request, store, fields, { stream, filename });
      file.catch(() => stream.resume());
    }
  });
  try {
    await pipeline(request.body, parser);
  } catch (error) {
    const stored = await file?.catch(() => undefined);
    if (stored !== undefined) store.content.discard(stored.segments);
    if (error instanceof OssError) throw error;
    if (!request.body.complete) throw new IncompleteBody(error);
    throw malformed('The body of your POST request is not well-formed multipart/form-data.');
  }
  if (file === undefined) throw malformed('The form has no file.');
  return { fields, content: await file };
}

function createParser({ headers }: OssRequest): busboy.Busboy {
  try {
    // Names of fields and of the file are UTF-8, as browsers send them.
    return busboy({ headers, defParamCharset: 'utf8', limits: { fieldSize: MAX_FIELD_BYTES, files: 10 } });
  } catch {
    throw malformed('The body of your POST request is not well-formed multipart/form-data.');
  }
}

async function storeFile(
  request: OssRequest,
  store: Store,
  fields: Map<string, string>,
  { stream, filename = '' }: { stream: Readable; filename: string | undefined },
): Promise<Content> {
  const key = (fields.get('key') ?? '').replaceAll(FILE_NAME, filename);
  fields.set('key', key);
  checkKey(key);
  const allowed = request.checkForm({ bucket: request.bucket, fields });
  const content = await writeContentStream(withSizeLimit(stream as AsyncIterable<Buffer>), store);
  if (isAllowed(content.size, allowed)) return content;
  store.content.discard(content.segments);
  const tooLarge = content.size > allowed.max;
  throw new OssError(
    tooLarge ? 'EntityTooLarge' : 'EntityTooSmall',
    `Your proposed upload is ${tooLarge ? 'larger' : 'smaller'} than the policy allows.`,
    { ProposedSize: String(content.size) },
  );
}

const isAllowed = (size: number, { min, max }: AllowedSize): boolean => size >= min && size <= max;

const malformed = (message: string): OssError => new OssError('MalformedPOSTRequest', message);
