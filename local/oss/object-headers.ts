import type { IncomingHttpHeaders } from 'node:http';
import type { StoredObject } from './storage/records.ts';

/** The headers that describe content: kept with an object, and replaceable when it is read. */
export const contentHeaders: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** The headers of a write that OSS keeps with the object and gives back when it is read. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = { 'content-type': 'application/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    const keep = contentHeaders.includes(name) || name.startsWith('x-oss-meta-');
    if (keep && value !== undefined && value !== '') result[name] = String(value);
  }
  return result;
}

/** What every answer about an object says of it. */
export function objectHeaders(object: StoredObject): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedMs).toUTCString(),
    'x-oss-object-type': object.kind,
    'x-oss-storage-class': 'Standard',
    'x-oss-hash-crc64ecma': object.crc64,
  };
}
