import { createHash } from 'node:crypto';

/** The ETag of an object of parts: the MD5 of their MD5s, in upper-case hex, and how many there are. */
export function multipartEtag(parts: readonly { readonly etag: string }[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(etag, 'hex');
  return `${hash.digest('hex').toUpperCase()}-${parts.length}`;
}
