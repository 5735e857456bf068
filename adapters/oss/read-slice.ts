import type { Readable } from 'node:stream';
import { InvalidInput, Unavailable } from '../../domain/errors.ts';
import type { ByteRange, ObjectVersion } from '../../ports/object-store.ts';

/** An answer to a ranged GET, as ali-oss gives it. */
export interface RangedAnswer {
  readonly stream: Readable;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** A body that brings no byte for this long is given up. */
const IDLE_TIMEOUT_MS = 20_000;

/**
 * Reads the slice that was asked for. OSS answers a range that it cannot serve with 200 and the whole object, so
 * anything but 206 with exactly our range ends the stream at once. Fewer bytes than promised is `StoreUnavailable`.
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
      new Unavailable('StoreUnavailable', `${subject}: no byte came for ${IDLE_TIMEOUT_MS / 1000} s`),
    );
  }, IDLE_TIMEOUT_MS);
  try {
    // It may have come before there was a stream to listen for it.
    signal?.throwIfAborted();
    const expected = `bytes ${range.start}-${range.end - 1}/${version.size}`;
    if (status !== 206 || headers['content-range'] !== expected) {
      throw new Unavailable(
        'RangeNotHonoured',
        `${subject}: asked for ${expected}, got status ${status} with ${headers['content-range'] ?? 'no Content-Range'}`,
      );
    }
    if (headers.etag !== undefined && normalizeEtag(headers.etag) !== version.etag) {
      throw new InvalidInput('SourceChanged', `${subject}: it is no longer the version ${version.etag}`);
    }
    let left = range.end - range.start;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      idle.refresh();
      left -= chunk.length;
      yield left < 0 ? chunk.subarray(0, left) : chunk;
      if (left < 0) break;
    }
    signal?.throwIfAborted();
    if (left > 0) throw new Unavailable('StoreUnavailable', `${subject}: the body ended ${left} bytes early`);
  } finally {
    clearTimeout(idle);
    signal?.removeEventListener('abort', abort);
    stream.destroy();
  }
}

/** An ETag without quotes, in upper case as OSS writes it. */
export function normalizeEtag(header: string): string {
  return header.replaceAll('"', '').toUpperCase();
}
