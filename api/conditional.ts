import { createHash } from 'node:crypto';
import type { Response } from 'express';

const CACHED = 'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400';

/** What an answer is known by. */
export interface Version {
  /** A weak ETag. */
  readonly etag: string;
  /** When it became what it is (epoch ms), where that is certain. */
  readonly changedAt?: number | undefined;
}

/** A weak ETag for what has these values: the same as long as they are. */
export const weakTag = (...values: readonly unknown[]): string =>
  `W/"${createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 20)}"`;

/** Answers 200 with the body, or 304 to one who has it already, as Express finds; caches may keep it. */
export function sendVersion(res: Response, body: object, { etag, changedAt }: Version): void {
  res.set({ ETag: etag, 'Cache-Control': CACHED });
  if (changedAt !== undefined) res.set('Last-Modified', new Date(changedAt).toUTCString());
  res.json(body);
}
