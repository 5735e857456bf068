import { type IncomingHttpHeaders, validateHeaderValue } from 'node:http';
import { OssError } from './oss-error.ts';
import { toByteString } from './signature/canonical.ts';
import type { StoredObject } from './storage/records.ts';

/** The headers that describe content. They are stored with an object and can be overridden in a read. */
export const contentHeaders: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Returns the headers of a write that OSS stores with the object and returns in reads. */
export function storedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = { 'content-type': 'application/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    const keep = contentHeaders.includes(name) || name.startsWith('x-oss-meta-');
    if (keep && value !== undefined && value !== '') result[name] = String(value);
  }
  return result;
}

/** Returns text as the value of a header, encoded as UTF-8. Throws InvalidArgument if a header cannot contain it. */
export function headerValue(argument: string, text: string): string {
  const bytes = toByteString(text);
  try {
    validateHeaderValue('value', bytes);
    return bytes;
  } catch {
    throw new OssError('InvalidArgument', 'The value is not allowed in a header.', {
      ArgumentName: argument,
      ArgumentValue: JSON.stringify(text),
    });
  }
}

/** Returns the headers that every answer about an object has. */
export function objectHeaders(object: StoredObject): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedMs).toUTCString(),
    'x-oss-object-type': object.kind,
    'x-oss-storage-class': 'Standard',
    'x-oss-hash-crc64ecma': object.crc64,
    ...(object.kind === 'Appendable' ? { 'x-oss-next-append-position': String(object.size) } : {}),
  };
}
