import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SIGNATURE_BYTES = 12;

/** Temporal's tokens of next pages as cursors, and back. */
export interface RunCursors {
  write(token: Uint8Array): string;
  /** Undefined for what no page gave. */
  read(cursor: string): Buffer | undefined;
}

/**
 * Temporal answers a token that it did not make as if it were broken itself, so ours are signed: with what the api's
 * tokens make, so that all processes that have the same ones take each other's cursors, or without any with a key that
 * this process alone has.
 */
export function createRunCursors(apiTokens: readonly string[]): RunCursors {
  const shared = createHash('sha256').update(JSON.stringify(['run cursors', ...apiTokens]));
  const key = apiTokens.length === 0 ? randomBytes(32) : shared.digest();
  const checkOf = (token: Uint8Array): Buffer =>
    createHmac('sha256', key).update(token).digest().subarray(0, SIGNATURE_BYTES);
  const write = (token: Uint8Array): string => Buffer.concat([checkOf(token), token]).toString('base64url');
  return {
    write,
    read(cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const token = bytes.subarray(SIGNATURE_BYTES);
      if (token.length === 0 || !timingSafeEqual(checkOf(token), bytes.subarray(0, SIGNATURE_BYTES)))
        return undefined;
      return write(token) === cursor ? token : undefined;
    },
  };
}
