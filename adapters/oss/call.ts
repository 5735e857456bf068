import type OSS from 'ali-oss';
import type { ObjectRef, Stored } from '../../ports/object-store.ts';
import { type OssSettings, ossClients } from './client.ts';
import { translateOssError } from './errors.ts';

/** Deadline of a call without a large body, in milliseconds. */
export const CALL_MS = 30_000;

/** A body may take a second per megabyte on top. */
export const bodyDeadline = (bytes: number): number => CALL_MS + Math.ceil(bytes / 1_000);

/** Makes the function that runs one call: not begun when aborted, and its errors translated. */
export type OssCall = <T>(
  what: string,
  ref: ObjectRef,
  signal: AbortSignal | undefined,
  call: (client: OSS) => Promise<T>,
) => Promise<T>;

/** What the store says of the bytes that it took. */
export function storedOf(answer: { res: unknown }): Stored {
  const { headers } = answer.res as { headers: Record<string, string | undefined> };
  return { crc64: headers['x-oss-hash-crc64ecma'] };
}

/** Calls with these settings. */
export function ossCall(settings: OssSettings): OssCall {
  const clientOf = ossClients(settings);
  return async (what, ref, signal, run) => {
    signal?.throwIfAborted();
    try {
      return await run(clientOf(ref.bucket));
    } catch (error) {
      throw translateOssError(error, what, ref);
    }
  };
}
