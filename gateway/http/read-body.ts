import type { IncomingMessage } from 'node:http';
import { type Reply, TOO_MANY_REQUESTS } from './replies.ts';

/** A body in memory. Its bytes count towards the limit for all bodies until `release` is called. */
export interface BufferedBody {
  readonly bytes: Buffer;
  release(): void;
}

/**
 * Reads a request's body. Returns a reply if the body is rejected, and undefined if the sender closed the connection.
 */
export type BodyReader = (request: IncomingMessage) => Promise<BufferedBody | Reply | undefined>;

interface PendingRead {
  receivedBytes: number;
  reject(reply: Reply): void;
}

/**
 * Limits the bytes of all bodies in memory. Only received bytes count: a sender that announces a large body and sends
 * nothing uses no memory. If all bodies together exceed `maxTotalBytes`, the largest unfinished body is rejected. So
 * slow senders of large bodies do not block other senders.
 */
export function createBodyReader({
  limit,
  maxTotalBytes,
}: {
  limit: number;
  maxTotalBytes: number;
}): BodyReader {
  const tooLarge: Reply = { status: 413, error: `the body is larger than ${limit} bytes` };
  const readings = new Set<PendingRead>();
  let totalBytes = 0;

  const rejectLargest = (): void => {
    let largest: PendingRead | undefined;
    for (const reading of readings)
      if (reading.receivedBytes > (largest?.receivedBytes ?? 0)) largest = reading;
    largest?.reject(TOO_MANY_REQUESTS);
  };
  return (request) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(tooLarge);
    if (request.destroyed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      // One buffer instead of a list: a body can arrive in a million chunks of one byte.
      let received: Buffer = Buffer.alloc(0);
      const append = (chunk: Buffer): void => {
        const { receivedBytes: used } = reading;
        const needed = used + chunk.length;
        if (used === 0) received = chunk;
        else {
          if (needed > received.length) {
            const larger = Buffer.allocUnsafe(Math.max(needed, 2 * used));
            received.copy(larger, 0, 0, used);
            received = larger;
          }
          chunk.copy(received, used);
        }
      };
      const releaseBytes = (): void => {
        totalBytes -= reading.receivedBytes;
        reading.receivedBytes = 0;
      };
      const settle = (result: BufferedBody | Reply | undefined): void => {
        readings.delete(reading);
        request.off('data', onData).off('end', onEnd).off('close', onClose);
        resolve(result);
      };
      const reading: PendingRead = {
        receivedBytes: 0,
        reject(reply) {
          received = Buffer.alloc(0);
          releaseBytes();
          settle(reply);
        },
      };
      const onData = (chunk: Buffer): void => {
        append(chunk);
        reading.receivedBytes += chunk.length;
        totalBytes += chunk.length;
        if (reading.receivedBytes > limit) reading.reject(tooLarge);
        else if (totalBytes > maxTotalBytes) rejectLargest();
      };
      const onEnd = (): void =>
        settle({ bytes: received.subarray(0, reading.receivedBytes), release: releaseBytes });
      const onClose = (): void => {
        releaseBytes();
        settle(undefined);
      };
      readings.add(reading);
      request
        .on('data', onData)
        .on('end', onEnd)
        .on('close', onClose)
        .on('error', () => {});
    });
  };
}

/** How long the gateway reads and discards the rest of an unwanted body. */
const DISCARD_TIMEOUT_MS = 2_000;

/** Discards the rest of a body. If the connection were closed at once, the sender would not get the answer. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), DISCARD_TIMEOUT_MS);
  request.once('close', () => clearTimeout(timer));
}
