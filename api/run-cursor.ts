import { createHash } from 'node:crypto';

/** Temporal answers a token that it did not make as if it were broken itself: ours can be told from others. */
const CHECK_BYTES = 6;

const checkOf = (token: Uint8Array): Buffer =>
  createHash('sha256').update(token).digest().subarray(0, CHECK_BYTES);

/** Temporal's token of a next page as a cursor. */
export const writeRunCursor = (token: Uint8Array): string =>
  Buffer.concat([checkOf(token), token]).toString('base64url');

/** The token in a cursor; undefined for what no page gave. */
export function readRunCursor(cursor: string): Buffer | undefined {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(CHECK_BYTES);
  const isOurs = token.length > 0 && checkOf(token).equals(bytes.subarray(0, CHECK_BYTES));
  return isOurs && writeRunCursor(token) === cursor ? token : undefined;
}
