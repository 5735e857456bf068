import { OssError } from './oss-error.ts';

/** More than the longest name of a form field, which has 8 KiB. */
const MAX_PART_HEADER_BYTES = 16 * 1024;

/** One field of a form. `filename` has no folders. `contentType` is the part's own header, undefined if it has none. */
export interface FormPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly content: AsyncIterable<Buffer>;
}

export const malformedForm = (): OssError =>
  new OssError(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );

/** Returns the boundary in a Content-Type header, undefined if the header is not one of a form. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  return parametersOf(contentType).get('boundary') || undefined;
}

/**
 * Yields the parts of a multipart/form-data body in their order, and reads the body to its end. The content of a part
 * can be read until the next part is requested. Throws MalformedPOSTRequest.
 *
 * Libraries such as busboy hide whether the file has a Content-Type, but OSS stores this header with the object.
 */
export async function* readForm(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<FormPart> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const reader = new FormReader(body);
  await drain(reader.until(delimiter));
  while (await startsPart(reader)) {
    const headers = readHeaders(await readHeaderBlock(reader));
    let ended = false;
    const content = async function* () {
      yield* reader.until(delimiter);
      ended = true;
    };
    yield { ...headers, content: content() };
    if (!ended) await drain(reader.until(delimiter));
  }
  await drain(reader.rest());
}

/** Reads a body up to delimiters. It keeps at most one chunk in memory. */
class FormReader {
  readonly #chunks: AsyncIterator<Buffer>;
  /** The bytes that were received and not yet returned. The first delimiter needs no line break before it. */
  #buffer = Buffer.from('\r\n');

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** Yields the bytes before a delimiter, and skips the delimiter. Throws if the body ends before it. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(delimiter);
      if (at >= 0) {
        const bytes = this.#take(at);
        this.#take(delimiter.length);
        yield bytes;
        return;
      }
      // The last bytes may be the start of the delimiter.
      const bytes = this.#take(Math.max(0, this.#buffer.length - delimiter.length + 1));
      if (bytes.length > 0) yield bytes;
      await this.#receive();
    }
  }

  /** Returns the next `count` bytes. Throws if the body ends before. */
  async exactly(count: number): Promise<string> {
    while (this.#buffer.length < count) await this.#receive();
    return this.#take(count).toString('latin1');
  }

  async *rest(): AsyncGenerator<Buffer> {
    for (let next = await this.#chunks.next(); !next.done; next = await this.#chunks.next()) yield next.value;
  }

  async #receive(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw malformedForm();
    this.#buffer = Buffer.concat([this.#buffer, next.value]);
  }

  #take(count: number): Buffer {
    const bytes = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return bytes;
  }
}

/** True if a part follows a delimiter, false if the form ends there. */
async function startsPart(reader: FormReader): Promise<boolean> {
  const end = await reader.exactly(2);
  if (end !== '\r\n' && end !== '--') throw malformedForm();
  return end === '\r\n';
}

async function readHeaderBlock(reader: FormReader): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reader.until(Buffer.from('\r\n\r\n'))) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_PART_HEADER_BYTES) throw malformedForm();
  }
  // Names of fields and of the file are UTF-8, as browsers send them.
  return Buffer.concat(chunks).toString('utf8');
}

function readHeaders(block: string): Omit<FormPart, 'content'> {
  const headers = new Map<string, string>();
  for (const line of block.split('\r\n')) {
    const [name = '', ...value] = line.split(':');
    headers.set(name.toLowerCase(), value.join(':').trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const parameters = parametersOf(disposition);
  const name = parameters.get('name');
  if (!/^form-data\s*;/i.test(disposition) || name === undefined) throw malformedForm();
  const filename = parameters.get('filename')?.replace(/^.*[/\\]/s, '');
  return { name, filename, contentType: headers.get('content-type') || undefined };
}

/** Returns the parameters of a header by lower-case name. */
function parametersOf(header: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const pattern = /;\s*([^\s=;]+)=(?:"((?:\\["\\]|\\(?!["\\])|[^"\\])*)"|([^\s;]*))/g;
  for (const [, name = '', quoted, token = ''] of header.matchAll(pattern))
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? token);
  return parameters;
}

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}
