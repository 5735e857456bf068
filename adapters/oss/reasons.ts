import type { Readable } from 'node:stream';
import type OSS from 'ali-oss';

/** What ali-oss makes its errors of: an answer with another status than it wanted, or an error without any answer. */
interface Refusal {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly data?: Uint8Array;
  readonly res?: Readable;
}

/** An error's body is a few hundred bytes of XML. */
const BODY_BYTES = 64 * 1024;
const BODY_MS = 5_000;

/**
 * Makes a client's errors tell all that the store said. By itself ali-oss reads no body of a refused streamed GET, so
 * that a missing bucket looks like a missing object; ignores `x-oss-err`, the body of an answer to HEAD, for the
 * same; and keeps no headers of an answer with a body, and thus no wait that was asked for.
 */
export function tellReasons(client: OSS): OSS {
  const inner = client as OSS & { requestError(refusal: Refusal): Promise<Error> };
  const original = inner.requestError.bind(client);
  inner.requestError = async (refusal) => {
    if (refusal instanceof Error) return original(refusal);
    const { headers } = refusal;
    const data = refusal.data?.length ? refusal.data : ((await bodyOf(refusal.res)) ?? fromHeader(headers));
    return Object.assign(await original(data === undefined ? refusal : { ...refusal, data }), { headers });
  };
  return client;
}

function fromHeader(headers: Refusal['headers']): Buffer | undefined {
  const encoded = headers?.['x-oss-err'];
  return encoded ? Buffer.from(encoded, 'base64') : undefined;
}

/** The body of an answer that was to be streamed; undefined when there is none to be had. */
async function bodyOf(stream: Readable | undefined): Promise<Buffer | undefined> {
  if (stream === undefined || !stream.readable) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => stream.destroy(), BODY_MS);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > BODY_BYTES) break;
    }
  } catch {
    // What came before it broke off may still say why.
  } finally {
    clearTimeout(timer);
  }
  return size === 0 ? undefined : Buffer.concat(chunks, size);
}
