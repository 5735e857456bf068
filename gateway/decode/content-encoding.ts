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

/** Whether a body has to be decoded before it can be read. */
export const isEncoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && !/^(identity)?$/i.test(encoding.trim());

/** Undoes a `Content-Encoding`; throws `BadEvent` for an unknown one (415), over `limit` bytes (413), or broken (400). */
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
    throw new BadEvent(`content encoding ${quoteForMessage(encoding)} is not supported; known are ${known}`, {
      status: 415,
    });
  }
  try {
    return await decode(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new BadEvent(`the body is over ${limit} bytes`, { status: 413 });
    throw new BadEvent(`the body is not ${name}, as its content encoding says`);
  }
}
