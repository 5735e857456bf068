import type { IncomingMessage } from 'node:http';
import { otsError } from '../errors.ts';

/** No valid request is this large, not even the largest batch with its overhead. */
export const MAX_BODY_BYTES = 8 * 1_048_576;

/** The connection ended before the body did. No answer is possible. */
export class IncompleteBody extends Error {
  override readonly name = 'IncompleteBody';
}

/** A client reads no answer while it sends a body. So the server discards the rest of the body, within these limits. */
const MAX_DISCARDED_BYTES = 64 * 1_048_576;
const MAX_DISCARD_MS = 2_000;

/** Discards the rest of a rejected body, within limits. The connection cannot be reused. */
export async function discardRest(message: IncomingMessage): Promise<void> {
  if (message.complete || message.destroyed) return;
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, MAX_DISCARD_MS);
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DISCARDED_BYTES) finish();
    });
    for (const event of ['end', 'close', 'error']) message.once(event, finish);
    message.resume();
  });
}

/**
 * Reads a whole body. Throws OTSRequestBodyTooLarge or IncompleteBody. After OTSRequestBodyTooLarge, the connection can
 * still take an answer.
 */
export async function receiveBody(message: IncomingMessage): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'OtsError') throw error;
    throw new IncompleteBody('the connection ended before the body did', { cause: error });
  }
  if (!message.complete) throw new IncompleteBody('the connection ended before the body did');
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

const tooLarge = () => otsError('OTSRequestBodyTooLarge', 'The size of POST data is too large.');
