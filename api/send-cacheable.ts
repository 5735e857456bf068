import { createHash } from 'node:crypto';
import type { Response } from 'express';

const CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400';

/** Identifies the version of an answer. */
export interface ContentVersion {
  /** A weak ETag. */
  readonly etag: string;
  /** When the content last changed (epoch ms), if known. */
  readonly changedAt?: number | undefined;
}

/** A weak ETag that depends only on these values. */
export const weakEtag = (...values: readonly unknown[]): string =>
  `W/"${createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 20)}"`;

/**
 * Sends the body with 200, or 304 if the client has this version. `If-Modified-Since` matches only if its date is
 * exactly this version's date. A client may have another, outdated answer with a later date, so a later date does not
 * match.
 */
export function sendCacheable(res: Response, body: object, { etag, changedAt }: ContentVersion): void {
  res.set({ ETag: etag, 'Cache-Control': CACHE_CONTROL });
  const date = changedAt === undefined ? undefined : new Date(changedAt).toUTCString();
  if (date !== undefined) res.set('Last-Modified', date);
  if (res.req.headers['if-modified-since'] !== date) delete res.req.headers['if-modified-since'];
  res.json(body);
}
