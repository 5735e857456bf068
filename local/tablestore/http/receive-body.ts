import type { IncomingMessage } from 'node:http';
import { refusal } from '../refusals.ts';

/** More than any request that is taken: the largest batch with all that is around its rows. */
export const LARGEST_BODY_BYTES = 8 * 1_048_576;

/** The body was cut off; there is nobody left to answer. */
export class BodyCut extends Error {
  override readonly name = 'BodyCut';
}

/** Reads a whole body; OTSRequestBodyTooLarge, BodyCut. The connection stays usable, so that a refusal can be answered. */
export async function receiveBody(message: IncomingMessage): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > LARGEST_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > LARGEST_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'OtsError') throw error;
    throw new BodyCut('the connection ended before the body did', { cause: error });
  }
  if (!message.complete) throw new BodyCut('the connection ended before the body did');
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

const tooLarge = () => refusal('OTSRequestBodyTooLarge', 'The size of POST data is too large.');
