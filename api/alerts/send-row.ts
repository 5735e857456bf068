import type { Response } from 'express';

/** Sends the view of a row, or 304 if the client has this version. Shared caches may not keep it. */
export function sendRow(res: Response, body: object, etag: string): void {
  res.set({ ETag: etag, 'Cache-Control': 'private, no-cache' });
  res.json(body);
}
