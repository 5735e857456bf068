import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { BadEvent, quoteForMessage } from './bad-event.ts';

const decoders: Readonly<
  Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Returns true if a body must be decoded before it can be read. */
export const isEncoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && !/^(identity)?$/i.test(encoding.trim());

/**
 * Decodes a body with a `Content-Encoding`. Throws `BadEvent` if the encoding is unknown (415), if the body does not
 * match it (400), or if the decoded body is larger than `limit` bytes (413).
 */
export async function decodeContent(
  body: Buffer,
  encoding: string | undefined,
  limit: number,
): Promise<Buffer> {
  if (encoding === undefined || !isEncoded(encoding)) return body;
  const name = encoding.trim().toLowerCase();
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decode === undefined) {
    const known = Object.keys(decoders).join(', ');
    throw new BadEvent(`content encoding ${quoteForMessage(encoding)} is not supported; allowed: ${known}`, {
      status: 415,
    });
  }
  try {
    return await decode(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new BadEvent(`the body is larger than ${limit} bytes`, { status: 413 });
    throw new BadEvent(`the body does not match its content encoding ${name}`);
  }
}
