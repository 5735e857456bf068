import type { IncomingHttpHeaders } from 'node:http';
import { type Credentials, md5, responseSignature, sameSignature } from './wire/signature.ts';

/** What is wrong with an answer that was not refused: checksum and signature are looked at where they are there. */
export function flawOf(
  path: string,
  { headers, body }: { readonly headers: IncomingHttpHeaders; readonly body: Buffer },
  keys: Credentials,
): string | undefined {
  const expected = headers['x-ots-contentmd5'];
  if (expected !== undefined && expected !== md5(body)) return 'the answer is not what its checksum says';
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const signature = responseSignature(path, headers, keys.accessKeySecret);
  if (sameSignature(authorization, `OTS ${keys.accessKeyId}:${signature}`)) return undefined;
  return 'the answer is not signed with our key';
}
