import { on } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Form, type Part } from 'multiparty';
import { OssError } from './oss-error.ts';

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

/** True if a Content-Type header is one of a form, and has a boundary. */
export const isFormType = (contentType: string): boolean =>
  /^multipart\/form-data;(?:.*;)?[ \t]*boundary="?[^";]/i.test(contentType);

/**
 * Yields the parts of a multipart/form-data body in their order, and reads the body to its end. The content of a part
 * can be read until the next part is requested. Throws MalformedPOSTRequest, and what `body` throws.
 */
export async function* readForm(body: AsyncIterable<Buffer>, contentType: string): AsyncGenerator<FormPart> {
  // Without this option, the parser would reject a form with over 1000 parts.
  const form = new Form({ maxFields: Number.POSITIVE_INFINITY });
  let waiting = 0;
  let resumeReading = (): void => {};
  // Pauses the body while parts wait to be read. Otherwise the parser would read on and keep all short parts in memory.
  async function* paced(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      if (waiting > 0) await new Promise<void>((resolve) => (resumeReading = resolve));
      yield chunk;
    }
  }
  const source = Readable.from(paced());
  const failure = (): Error => source.errored ?? malformedForm();
  // Without a listener, the process would end if the parser finds an error after the caller stopped reading.
  form.on('error', () => {});
  form.on('part', (part) => {
    waiting += 1;
    part.on('error', (error) => part.destroy(error));
  });
  const parts = on(form, 'part', { close: ['close'] }) as AsyncIterable<[Part]>;
  form.parse(
    Object.assign(source, { headers: { 'content-type': contentType } }) as unknown as IncomingMessage,
  );
  try {
    for await (const [part] of parts) {
      waiting -= 1;
      if (waiting === 0) resumeReading();
      yield { ...readHeaders(part), content: contentOf(part, failure) };
      part.resume();
    }
  } catch {
    throw failure();
  } finally {
    source.destroy();
    resumeReading();
  }
}

function readHeaders({ headers, name, filename }: Part): Omit<FormPart, 'content'> {
  const { 'content-disposition': disposition = '', 'content-type': contentType = '' } = headers;
  if (!/^form-data\s*;/i.test(disposition) || name === null) throw malformedForm();
  // The parser removes only the folders of file names from Windows.
  return { name, filename: filename?.replace(/^.*\//s, ''), contentType: contentType.trim() || undefined };
}

async function* contentOf(part: Part, failure: () => Error): AsyncGenerator<Buffer> {
  try {
    // If a part is not read to its end, the caller skips the rest. A destroyed stream could not skip it.
    yield* part.iterator({ destroyOnReturn: false });
  } catch {
    throw failure();
  }
}
