import type { EventData } from '../../domain/cloud-event.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';
import { parseJson } from './json-text.ts';

/**
 * A payload that came as bytes: JSON where its media type says so, which is the same event in every mode; else the
 * bytes as they are. No bytes are no JSON. Throws a `BadEvent` about `subject` when JSON is declared and not there.
 */
export function decodePayload(contentType: unknown, bytes: Buffer, subject?: string): EventData {
  const type = typeof contentType === 'string' ? contentType : undefined;
  if (bytes.length === 0 || !isJsonMediaType(type) || !hasUtf8Charset(type)) return { bytes };
  const { value, text } = parseJson(bytes, subject);
  return { json: value, text };
}

/** Strict base64 (RFC 4648, section 4) as bytes; `name` is the member that a `BadEvent` names. */
export function decodeBase64(text: unknown, name: string): Buffer {
  if (typeof text === 'string' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text))
    return Buffer.from(text, 'base64');
  throw new BadEvent(`${name} is ${quoteForMessage(text)}, allowed is base64`, { attribute: name });
}

/**
 * Whether 0.3's `datacontentencoding` says that the data is base64. The encodings of RFC 2045, 6.1 that change nothing
 * are taken; any other throws a `BadEvent`.
 */
export function isBase64Encoded03(attributes: ReadonlyMap<string, unknown>): boolean {
  const encoding =
    attributes.get('specversion') === '0.3' ? attributes.get('datacontentencoding') : undefined;
  if (encoding === undefined || encoding === null || /^(?:7bit|8bit|binary)$/i.test(String(encoding)))
    return false;
  if (/^base64$/i.test(String(encoding))) return true;
  throw new BadEvent(`attribute datacontentencoding is ${quoteForMessage(encoding)}, known is base64`, {
    attribute: 'datacontentencoding',
  });
}

/** A media type without its parameters, in lower case; empty when the header is absent or empty. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** CloudEvents JSON format 1.0, 3.1: the subtype is `json` or ends with `+json`. */
export function isJsonMediaType(contentType: string | undefined): boolean {
  return /^[^/]+\/(?:[^/]+\+)?json$/.test(mediaTypeOf(contentType));
}

/** Whether bytes of this media type are UTF-8 as far as its `charset` says; without one, they are taken for it. */
export function hasUtf8Charset(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  return /^(?:utf-?8|us-ascii|ascii)$/i.test(charset);
}
