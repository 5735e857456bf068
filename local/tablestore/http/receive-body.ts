import type { IncomingMessage } from 'node:http';
import { otsError } from '../errors.ts';

/** More than any request that is taken: the largest batch with all that is around its rows. */
export const MAX_BODY_BYTES = 8 * 1_048_576;

/** The body was cut off; there is nobody left to answer. */
export class IncompleteBody extends Error {
  override readonly name = 'IncompleteBody';
}

/** A client that is in the middle of a body reads no answer: so much of it is let pass, for so long. */
const MAX_DISCARDED_BYTES = 64 * 1_048_576;
const MAX_DISCARD_MS = 2_000;

/** Lets the rest of a refused body pass, as far as that is bearable; the connection is of no more use then. */
export async function discardRest(message: IncomingMessage): Promise<void> {
  if (message.complete || message.destroyed) return;
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, MAX_DISCARD_MS);
    const done = (): void => {
      clearTimeout(late);
      resolve();
    };
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DISCARDED_BYTES) done();
    });
    for (const event of ['end', 'close', 'error']) message.once(event, done);
    message.resume();
  });
}

/** Reads a whole body; OTSRequestBodyTooLarge, IncompleteBody. The connection stays usable, so that a refusal can be answered. */
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
