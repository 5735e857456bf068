import type { IncomingMessage } from 'node:http';
import { type Reply, TOO_MANY_REQUESTS } from './replies.ts';

/** A body that was read; its bytes count until `release` is called. */
export interface BufferedBody {
  readonly bytes: Buffer;
  release(): void;
}

/** Reads a request's body; a reply where it is refused, undefined where the sender is gone. */
export type BodyReader = (request: IncomingMessage) => Promise<BufferedBody | Reply | undefined>;

interface PendingRead {
  receivedBytes: number;
  refuse(reply: Reply): void;
}

/**
 * Bounds the bytes of all bodies in memory, by what has really come: a sender that announces much and sends nothing
 * holds nothing. Over `budget` the largest body that is still being read is refused, so that whoever sends slowly and
 * much keeps nobody else out.
 */
export function createBodyReader({ limit, budget }: { limit: number; budget: number }): BodyReader {
  const tooLarge: Reply = { status: 413, error: `the body is over ${limit} bytes` };
  const readings = new Set<PendingRead>();
  let totalBytes = 0;

  const refuseLargest = (): void => {
    let largest: PendingRead | undefined;
    for (const reading of readings)
      if (reading.receivedBytes > (largest?.receivedBytes ?? 0)) largest = reading;
    largest?.refuse(TOO_MANY_REQUESTS);
  };
  return (request) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(tooLarge);
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
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
        refuse(reply) {
          chunks.length = 0;
          releaseBytes();
          settle(reply);
        },
      };
      const onData = (chunk: Buffer): void => {
        chunks.push(chunk);
        reading.receivedBytes += chunk.length;
        totalBytes += chunk.length;
        if (reading.receivedBytes > limit) reading.refuse(tooLarge);
        else if (totalBytes > budget) refuseLargest();
      };
      const onEnd = (): void => settle({ bytes: Buffer.concat(chunks), release: releaseBytes });
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

/** How long the rest of a body that is not wanted may go on coming. */
const DISCARD_TIMEOUT_MS = 2_000;

/** Takes and forgets the rest of a body: a connection that is cut at once would take the answer with it. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const cut = setTimeout(() => request.destroy(), DISCARD_TIMEOUT_MS);
  request.once('close', () => clearTimeout(cut));
}
