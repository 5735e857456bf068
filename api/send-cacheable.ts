import { createHash } from 'node:crypto';
import type { Response } from 'express';

const CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400';

/** What an answer is known by. */
export interface ContentVersion {
  /** A weak ETag. */
  readonly etag: string;
  /** When it became what it is (epoch ms), where that is certain. */
  readonly changedAt?: number | undefined;
}

/** A weak ETag for what has these values: the same as long as they are. */
export const weakEtag = (...values: readonly unknown[]): string =>
  `W/"${createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 20)}"`;

/**
 * Answers 200 with the body, or 304 to one who has it already, as Express finds; caches may keep it. Of dates only the one
 * that came with this version says so: who goes by when an answer came may have one that was stale since.
 */
export function sendCacheable(res: Response, body: object, { etag, changedAt }: ContentVersion): void {
  res.set({ ETag: etag, 'Cache-Control': CACHE_CONTROL });
  const date = changedAt === undefined ? undefined : new Date(changedAt).toUTCString();
  if (date !== undefined) res.set('Last-Modified', date);
  if (res.req.headers['if-modified-since'] !== date) delete res.req.headers['if-modified-since'];
  res.json(body);
}
