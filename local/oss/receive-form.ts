import { createHash } from 'node:crypto';
import { type FormPart, isFormType, malformedForm, readForm } from './multipart-form.ts';
import { OssError } from './oss-error.ts';
import { checkMd5, chunksOf, contentLength, readContentMd5, withSizeLimit } from './receive-body.ts';
import { header, type OssRequest } from './request.ts';
import type { Content } from './storage/records.ts';
import type { Store } from './storage/store.ts';

const MAX_NAME_BYTES = 8 * 1024;
const MAX_VALUE_BYTES = 2 * 1024 * 1024;

/** The maximum size of all values before the file. */
const MAX_VALUES_BYTES = 8 * 1024 * 1024;

/** The fields before the file, by lower-case name. */
export type FormFields = ReadonlyMap<string, string>;

/** A form, and what `storeFile` returned for its file. */
interface ReceivedForm<Stored> {
  readonly fields: FormFields;
  readonly stored: Stored;
}

/**
 * Receives a form and its file. `storeFile` checks the fields and stores the file. Fields after the file are ignored.
 * If the form is invalid, the stored content is discarded.
 */
export async function receiveForm<Stored extends { readonly content: Content }>(
  request: OssRequest,
  store: Store,
  storeFile: (fields: FormFields, file: FormPart) => Promise<Stored>,
): Promise<ReceivedForm<Stored>> {
  const contentType = header(request, 'content-type') ?? '';
  if (!isFormType(contentType))
    throw new OssError(
      'RequestIsNotMultiPartContent',
      'Bucket POST must be of the enclosure-type multipart/form-data.',
    );
  const expectedMd5 = readContentMd5(header(request, 'content-md5'));
  contentLength(request.body);
  const bodyMd5 = createHash('md5');
  const body = hashed(withSizeLimit(chunksOf(request.body)), bodyMd5);
  const fields = new Map<string, string>();
  let stored: Stored | undefined;
  let valuesBytes = 0;
  try {
    for await (const part of readForm(body, contentType)) {
      const name = part.name.toLowerCase();
      if (name === 'file') {
        if (stored !== undefined) throw notOneFile();
        stored = await storeFile(fields, part);
      } else if (stored === undefined) {
        const value = await readValue(part);
        valuesBytes += value.length;
        if (valuesBytes > MAX_VALUES_BYTES) throw fieldsTooLarge();
        fields.set(name, value.toString('utf8'));
      }
    }
    if (stored === undefined) throw malformedForm();
    checkMd5(expectedMd5, bodyMd5.digest('base64'));
    return { fields, stored };
  } catch (error) {
    if (stored !== undefined) store.content.discard(stored.content.segments);
    throw error;
  }
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function readValue({ name, content }: FormPart): Promise<Buffer> {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw fieldTooLong(MAX_NAME_BYTES);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_VALUE_BYTES) throw fieldTooLong(MAX_VALUE_BYTES);
  }
  return Buffer.concat(chunks);
}

const fieldTooLong = (maxBytes: number): OssError =>
  new OssError('FieldItemTooLong', 'Your name of form field is too long.', {
    MaxSizeAllowed: String(maxBytes),
  });

const fieldsTooLarge = (): OssError =>
  new OssError(
    'MaxPOSTPreDataLengthExceededError',
    'Your POST request fields preceding the upload file were too large.',
    { MaxSizeAllowed: String(MAX_VALUES_BYTES) },
  );

const notOneFile = (): OssError =>
  new OssError('IncorrectNumberOfFilesInPOSTRequest', 'POST requires exactly one file upload per request.');
