import type { Readable } from 'node:stream';
import { InvalidInput, Unavailable } from '../../domain/errors.ts';
import type { ByteRange, ObjectVersion } from '../../ports/object-store.ts';

/** ali-oss's answer to a ranged GET. */
export interface RangedAnswer {
  readonly stream: Readable;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Reading fails if no byte arrives for this long. */
const IDLE_TIMEOUT_MS = 20_000;

/**
 * Reads a slice of an object. If OSS cannot serve a range, it answers 200 with the whole object. So every answer is
 * rejected at once, except 206 with exactly the requested range. Throws `StoreUnavailable` if bytes are missing.
 */
export async function* readSlice(
  { stream, status, headers }: RangedAnswer,
  version: ObjectVersion,
  range: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const subject = `reading oss://${version.bucket}/${version.key}`;
  const abort = (): void => void stream.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', abort, { once: true });
  const idle = setTimeout(() => {
    stream.destroy(
      new Unavailable('StoreUnavailable', `${subject}: no byte arrived for ${IDLE_TIMEOUT_MS / 1000} s`),
    );
  }, IDLE_TIMEOUT_MS);
  try {
    // The abort may have happened before the stream existed.
    signal?.throwIfAborted();
    const expected = `bytes ${range.start}-${range.end - 1}/${version.size}`;
    if (status !== 206 || headers['content-range'] !== expected) {
      throw new Unavailable(
        'RangeNotHonoured',
        `${subject}: requested ${expected}, got status ${status} with ${headers['content-range'] ?? 'no Content-Range'}`,
      );
    }
    if (headers.etag !== undefined && normalizeEtag(headers.etag) !== version.etag) {
      throw new InvalidInput(
        'SourceChanged',
        `${subject}: the object no longer has the version ${version.etag}`,
      );
    }
    let missingBytes = range.end - range.start;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      idle.refresh();
      missingBytes -= chunk.length;
      yield missingBytes < 0 ? chunk.subarray(0, missingBytes) : chunk;
      if (missingBytes < 0) break;
    }
    signal?.throwIfAborted();
    if (missingBytes > 0)
      throw new Unavailable('StoreUnavailable', `${subject}: the body ended ${missingBytes} bytes early`);
  } finally {
    clearTimeout(idle);
    signal?.removeEventListener('abort', abort);
    stream.destroy();
  }
}

/** Returns an ETag in the form of `ObjectVersion`: without quotes, in upper case. */
export function normalizeEtag(header: string): string {
  return header.replaceAll('"', '').toUpperCase();
}
