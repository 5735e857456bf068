import type { EventData } from '../../domain/cloud-event.ts';
import { charsetOf, isJsonMediaType, mediaTypeOf, UTF8_CHARSETS } from '../../domain/media-type.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';
import { parseJson } from './json-text.ts';
import type { JsonBudget } from './measure-json.ts';

/**
 * Decodes a payload from bytes. If its media type is JSON, parses it as JSON, so that every mode gives the same event.
 * Otherwise returns the bytes. An empty payload is not JSON. Throws a `BadEvent` if the media type is JSON, but the
 * bytes cannot be parsed, or their charset is unknown (415). The message of the error names `what`.
 */
export function decodePayload(
  contentType: unknown,
  bytes: Buffer,
  what?: string,
  budget?: JsonBudget,
): EventData {
  const type = typeof contentType === 'string' ? contentType : undefined;
  if (bytes.length === 0 || !isJsonMediaType(type)) return { bytes };
  const { value, text } = parseJson(toUtf8(bytes, charsetOf(type), what), what, budget);
  return { json: value, text };
}

/**
 * Decodes the body of a binary event. Some senders write JSON without a content type, or with the content type of a
 * form, as `curl -d` does. So with these content types, an object or array that can be parsed is JSON. Throws
 * `BadEvent` as `decodePayload` does.
 */
export function decodeBody(contentType: string | undefined, bytes: Buffer): EventData {
  if (!/^(?:application\/x-www-form-urlencoded)?$/.test(mediaTypeOf(contentType)))
    return decodePayload(contentType, bytes);
  return startsAsJson(bytes) ? parseOrKeep(bytes) : { bytes };
}

/** Checks the first byte that is not a space. A byte order mark may be in front of it. */
function startsAsJson(bytes: Buffer): boolean {
  const first = bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].includes(byte));
  return first === 0x7b || first === 0x5b;
}

function parseOrKeep(bytes: Buffer): EventData {
  try {
    const { value, text } = parseJson(bytes);
    return { json: value, text };
  } catch (error) {
    if (error instanceof BadEvent && error.status === 400) return { bytes };
    throw error;
  }
}

/** Converts a text to UTF-8. Throws a `BadEvent` if the charset is unknown (415), or if the bytes are invalid in it. */
function toUtf8(bytes: Buffer, charset: string, what = 'the body'): Buffer {
  if (UTF8_CHARSETS.has(charset)) return bytes;
  let decoder: { decode(bytes: Uint8Array): string };
  try {
    decoder = decoderFor(charset, bytes);
  } catch {
    throw new BadEvent(`the charset ${quoteForMessage(charset)} of ${what} is not supported; send UTF-8`, {
      status: 415,
    });
  }
  try {
    return Buffer.from(decoder.decode(bytes), 'utf8');
  } catch {
    throw new BadEvent(`${what} is not in its charset ${charset}`);
  }
}

/** The characters of the bytes 80 to 9F in windows-1252. Five of these bytes have no character. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Returns the decoder of a charset. Throws `RangeError` if it is unknown. Node.js 20 decodes windows-1252 as Latin-1.
 * It decodes some characters of GBK wrongly, so GB 18030 is used, which contains GBK. A byte order mark decides the
 * byte order of UTF-16.
 */
function decoderFor(charset: string, bytes: Buffer): { decode(bytes: Uint8Array): string } {
  if (/^(?:x-)?cp1252$|^windows-1252$/.test(charset))
    return {
      decode: (input) =>
        Buffer.from(input)
          .toString('latin1')
          .replace(/[\x80-\x9f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80] ?? byte),
    };
  if (/^utf-?16$/.test(charset) && bytes[0] === 0xfe && bytes[1] === 0xff)
    return new TextDecoder('utf-16be', { fatal: true });
  const decoder = new TextDecoder(charset, { fatal: true });
  return decoder.encoding === 'gbk' ? new TextDecoder('gb18030', { fatal: true }) : decoder;
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
