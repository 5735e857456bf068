import { checkObjectAcl } from '../acl.ts';
import { objectUrl } from '../address.ts';
import { checkKey } from '../check-names.ts';
import type { AllowedSize } from '../form-policy.ts';
import type { FormPart } from '../multipart-form.ts';
import { headerValue, storedHeaders } from '../object-headers.ts';
import { invalidArgument, OssError } from '../oss-error.ts';
import { checkMd5, readContentMd5 } from '../receive-body.ts';
import { type FormFields, receiveForm } from '../receive-form.ts';
import { changeCauseOf, header, type OssAnswer, type OssRequest } from '../request.ts';
import type { Content } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import { rejectCallback } from '../upload-callback.ts';
import { writeContentStream } from '../write-content.ts';
import { writeXml } from '../xml.ts';

/** The name of the uploaded file replaces this text in the key. */
const FILE_NAME = ['$', '{filename}'].join('');

interface UploadedFile {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Content;
}

/**
 * PostObject: a form with a file, as browsers and consoles send it. The fields before the file have the key, and a
 * policy with its signature.
 */
export async function postObject(request: OssRequest, store: Store): Promise<OssAnswer> {
  const { bucket } = request;
  store.buckets.require(bucket);
  const { fields, stored } = await receiveForm(request, store, (received, file) =>
    storeFile(request, store, received, file),
  );
  const { key, headers, content } = stored;
  try {
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
  { bucket, headers: { host = '' } }: OssRequest,
  fields: FormFields,
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
  const result = { Bucket: bucket, Location: objectUrl(host, bucket, key), Key: key, ETag: headers.etag };
  return { status: Number(status), headers, body: status === '201' ? writeXml('PostResponse', result) : '' };
}

/** Checks the fields, and stores the file if they are valid. */
async function storeFile(
  request: OssRequest,
  store: Store,
  fields: FormFields,
  file: FormPart,
): Promise<UploadedFile> {
  const template = fields.get('key') ?? '';
  if (template === '') throw noKey();
  const contentType = contentTypeOf(fields, file);
  const allowed = request.checkForm({ bucket: request.bucket, fields, contentType });
  const key = template.replaceAll(FILE_NAME, () => file.filename ?? '');
  checkKey(key);
  checkObjectAcl(fields.get('x-oss-object-acl') || header(request, 'x-oss-object-acl'));
  rejectCallback('form field callback', fields.get('callback'));
  const headers = formHeaders(fields, contentType);
  const expectedMd5 = readContentMd5(fields.get('content-md5'));
  const content = await writeContentStream(file.content, store);
  try {
    checkSize(content.size, allowed);
    checkMd5(expectedMd5, content.md5);
    return { key, headers, content };
  } catch (error) {
    store.content.discard(content.segments);
    throw error;
  }
}

/** Returns the content type of the object: the first one in OSS's order. Returns undefined if the form has none. */
function contentTypeOf(fields: FormFields, file: FormPart): string | undefined {
  return fields.get('x-oss-content-type') || file.contentType || fields.get('content-type') || undefined;
}

function formHeaders(fields: FormFields, contentType: string | undefined): Record<string, string> {
  const all = { ...Object.fromEntries(fields), 'content-type': contentType };
  return Object.fromEntries(
    Object.entries(storedHeaders(all)).map(([name, value]) => [name, headerValue(name, value)]),
  );
}

function checkSize(size: number, { min, max }: AllowedSize): void {
  if (size >= min && size <= max) return;
  const tooLarge = size > max;
  throw new OssError(
    tooLarge ? 'EntityTooLarge' : 'EntityTooSmall',
    `Your proposed upload is ${tooLarge ? 'larger' : 'smaller'} than the policy allows.`,
    { ProposedSize: String(size) },
  );
}

const noKey = (): OssError =>
  invalidArgument(
    'key',
    '',
    "The bucket POST must contain the specified 'key'. If it is specified, please check the order of the fields.",
  );
