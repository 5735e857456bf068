import type { IncomingMessage } from 'node:http';
import { type Reply, TOO_MANY } from './answers.ts';

/** A body that was read; its bytes count until `release` is called. */
export interface ReadBody {
  readonly bytes: Buffer;
  release(): void;
}

/** Reads a request's body; a reply where it is refused, undefined where the sender is gone. */
export type BodyReader = (request: IncomingMessage) => Promise<ReadBody | Reply | undefined>;

interface Reading {
  own: number;
  refuse(reply: Reply): void;
}

/**
 * Bounds the bytes of all bodies in memory, by what has really come: a sender that announces much and sends nothing
 * holds nothing. Over `budget` the largest body that is still being read is refused, so that whoever sends slowly and
 * much keeps nobody else out.
 */
export function bodyReader({ limit, budget }: { limit: number; budget: number }): BodyReader {
  const tooLarge: Reply = { status: 413, error: `the body is over ${limit} bytes` };
  const readings = new Set<Reading>();
  let held = 0;

  const makeRoom = (): void => {
    let largest: Reading | undefined;
    for (const reading of readings) if (reading.own > (largest?.own ?? 0)) largest = reading;
    largest?.refuse(TOO_MANY);
  };
  return (request) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(tooLarge);
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const give = (): void => {
        held -= reading.own;
        reading.own = 0;
      };
      const settle = (result: ReadBody | Reply | undefined): void => {
        readings.delete(reading);
        request.off('data', take).off('end', end).off('close', gone);
        resolve(result);
      };
      const reading: Reading = {
        own: 0,
        refuse(reply) {
          chunks.length = 0;
          give();
          settle(reply);
        },
      };
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        reading.own += chunk.length;
        held += chunk.length;
        if (reading.own > limit) reading.refuse(tooLarge);
        else if (held > budget) makeRoom();
      };
      const end = (): void => settle({ bytes: Buffer.concat(chunks), release: give });
      const gone = (): void => {
        give();
        settle(undefined);
      };
      readings.add(reading);
      request
        .on('data', take)
        .on('end', end)
        .on('close', gone)
        .on('error', () => {});
    });
  };
}

/** How long the rest of a body that is not wanted may go on coming. */
const REST_MS = 2_000;

/** Takes and forgets the rest of a body: a connection that is cut at once would take the answer with it. */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const cut = setTimeout(() => request.destroy(), REST_MS);
  request.once('close', () => clearTimeout(cut));
}
