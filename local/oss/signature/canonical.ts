import type { IncomingHttpHeaders } from 'node:http';

/**
 * Signatures cover bytes. Header values already come as one character a byte; this makes the same of text, so that
 * everything that is signed can be joined as strings and hashed as `latin1`.
 */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Percent-encodes all but A-Z a-z 0-9 - _ . ~ (RFC 3986), as UTF-8. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A header as it is signed: trimmed, several joined. */
export function signedHeader(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(', ') : (value ?? '')).trim();
}

/** Orders by bytes, as every signature wants its names. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
