import type { IncomingMessage } from 'node:http';
import { entityTooLarge, OssError } from './oss-error.ts';
import { MAX_OBJECT_BYTES } from './storage/objects.ts';
import type { Content } from './storage/records.ts';
import type { Store } from './storage/store.ts';
import { writeContentBytes, writeContentStream } from './write-content.ts';

/** Up to this size, one synchronous write is faster than asynchronous ones. */
const SMALL_BYTES = 64 * 1024;

/** The connection ended before the body did. No answer is possible. */
export class IncompleteBody extends Error {
  constructor(cause?: unknown) {
    super('the connection ended before the body did', { cause });
    this.name = 'IncompleteBody';
  }
}

/**
 * Receives the body of a request into content files. If the body is cut off, too large, or does not match
 * `Content-MD5`, deletes what it wrote. Then throws IncompleteBody, EntityTooLarge or InvalidDigest.
 */
export async function receiveBody(body: IncomingMessage, store: Store): Promise<Content> {
  const expectedMd5 = readContentMd5(body.headers['content-md5']?.toString());
  const length = contentLength(body);
  const content =
    length !== undefined && length <= SMALL_BYTES
      ? writeContentBytes(await readWhole(body, length), store)
      : await writeContentStream(withSizeLimit(chunksOf(body)), store);
  try {
    checkMd5(expectedMd5, content.md5);
    return content;
  } catch (error) {
    store.content.discard(content.segments);
    throw error;
  }
}

/** Reads a body into memory. Throws EntityTooLarge if it is longer than `limit`. */
export async function readWhole(body: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > limit) throw entityTooLarge(limit);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** Yields the chunks of a body. Keeps the connection open if reading stops early, so that an error can still be answered. */
export async function* chunksOf(body: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new IncompleteBody(error);
  }
  if (!body.complete) throw new IncompleteBody();
}

/** Yields the chunks of a body. Throws EntityTooLarge if it is longer than an object may be. */
export async function* withSizeLimit(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_OBJECT_BYTES) throw tooLarge();
    yield chunk;
  }
}

/** Returns the length of a body, undefined if it has `Transfer-Encoding`. Throws EntityTooLarge or MissingContentLength. */
export function contentLength(body: IncomingMessage): number | undefined {
  const length = body.headers['content-length'];
  if (Number(length) > MAX_OBJECT_BYTES) throw tooLarge();
  if (length !== undefined) return Number(length);
  if (body.headers['transfer-encoding'] !== undefined) return undefined;
  throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
}

/** Returns the MD5 in a `Content-MD5`, undefined if it is absent or empty. Throws InvalidDigest if it is not an MD5. */
export function readContentMd5(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (Buffer.from(value, 'base64').length === 16 && /^[A-Za-z0-9+/]{22}==$/.test(value)) return value;
  throw invalidDigest({ ClientContentMD5: value });
}

/** Throws InvalidDigest if an MD5 is expected and the received content has another one. */
export function checkMd5(expected: string | undefined, received: string): void {
  if (expected !== undefined && expected !== received)
    throw invalidDigest({ ClientContentMD5: expected, ServerContentMD5: received });
}

const invalidDigest = (details: Readonly<Record<string, string>>): OssError =>
  new OssError('InvalidDigest', 'The Content-MD5 you specified was invalid.', details);

const tooLarge = (): OssError => entityTooLarge(MAX_OBJECT_BYTES);
