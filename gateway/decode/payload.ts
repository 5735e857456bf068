import type { EventData } from '../../domain/cloud-event.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';
import { parseJson } from './json-text.ts';

/**
 * Decodes a payload from bytes. If its media type is JSON, parses it as JSON, so that every mode gives the same event.
 * Otherwise returns the bytes. An empty payload is not JSON. Throws a `BadEvent` whose message starts with `what`
 * if the media type is JSON, but the bytes are not JSON.
 */
export function decodePayload(contentType: unknown, bytes: Buffer, what?: string): EventData {
  const type = typeof contentType === 'string' ? contentType : undefined;
  if (bytes.length === 0 || !isJsonMediaType(type) || !hasUtf8Charset(type)) return { bytes };
  const { value, text } = parseJson(bytes, what);
  return { json: value, text };
}

/** Decodes strict base64 (RFC 4648, section 4). Throws a `BadEvent` that names the member `name`. */
export function decodeBase64(text: unknown, name: string): Buffer {
  if (typeof text === 'string' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text))
    return Buffer.from(text, 'base64');
  throw new BadEvent(`${name} is ${quoteForMessage(text)}; allowed: base64`, { attribute: name });
}

/**
 * Returns true if an event of specversion 0.3 has `datacontentencoding: base64`. Returns false for the encodings of RFC
 * 2045, 6.1 that change nothing. Throws a `BadEvent` for any other encoding.
 */
export function hasBase64EncodingV03(attributes: ReadonlyMap<string, unknown>): boolean {
  const encoding =
    attributes.get('specversion') === '0.3' ? attributes.get('datacontentencoding') : undefined;
  if (encoding === undefined || encoding === null || /^(?:7bit|8bit|binary)$/i.test(String(encoding)))
    return false;
  if (/^base64$/i.test(String(encoding))) return true;
  throw new BadEvent(`attribute datacontentencoding is ${quoteForMessage(encoding)}; allowed: base64`, {
    attribute: 'datacontentencoding',
  });
}

/** Returns a media type without its parameters, in lower case; empty if the header is missing or empty. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** CloudEvents JSON format 1.0, 3.1: the subtype is `json` or ends with `+json`. */
export function isJsonMediaType(contentType: string | undefined): boolean {
  return /^[^/]+\/(?:[^/]+\+)?json$/.test(mediaTypeOf(contentType));
}

/** Returns true if the `charset` of this media type is compatible with UTF-8. The default is UTF-8. */
export function hasUtf8Charset(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  return /^(?:utf-?8|us-ascii|ascii)$/i.test(charset);
}
