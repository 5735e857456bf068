import type { IncomingHttpHeaders } from 'node:http';

/**
 * Encodes text as UTF-8 with one character per byte. Node.js returns header values in this form. A signature covers
 * bytes. So if all signed values have this form, they can be joined as strings and hashed as `latin1`.
 */
export function toByteString(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Percent-encodes everything except A-Z a-z 0-9 - _ . ~ (RFC 3986), as UTF-8. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Returns a header in the form that is signed: trimmed, with several values joined. */
export function signedHeader(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(', ') : (value ?? '')).trim();
}

/** Compares by bytes, the order of names in every signature. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
