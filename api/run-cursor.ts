import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SIGNATURE_BYTES = 12;

/** Converts Temporal's page tokens to cursors and back. */
export interface RunCursors {
  write(token: Uint8Array): string;
  /** Returns undefined if the api has not created the cursor. */
  read(cursor: string): Buffer | undefined;
}

/**
 * Cursors contain Temporal's page tokens, and Temporal answers an unknown page token with an internal error.
 * Therefore cursors are signed: the api itself rejects a cursor that it has not created. The key of the signature is
 * derived from the api's tokens. So all processes with the same tokens accept each other's cursors. Without tokens,
 * the key is random.
 */
export function createRunCursors(apiTokens: readonly string[]): RunCursors {
  const shared = createHash('sha256').update(JSON.stringify(['run cursors', ...apiTokens]));
  const key = apiTokens.length === 0 ? randomBytes(32) : shared.digest();
  const signatureOf = (token: Uint8Array): Buffer =>
    createHmac('sha256', key).update(token).digest().subarray(0, SIGNATURE_BYTES);
  const write = (token: Uint8Array): string =>
    Buffer.concat([signatureOf(token), token]).toString('base64url');
  return {
    write,
    read(cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const token = bytes.subarray(SIGNATURE_BYTES);
      if (token.length === 0 || !timingSafeEqual(signatureOf(token), bytes.subarray(0, SIGNATURE_BYTES)))
        return undefined;
      return write(token) === cursor ? token : undefined;
    },
  };
}
