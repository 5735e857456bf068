import type { CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { trimBothEndsOf } from '../../domain/trim-characters.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';
import { buildCheckedEvent } from './check-attributes.ts';
import { decodeBase64, decodeBody, hasBase64EncodingV03 } from './payload.ts';

const ATTRIBUTE_PREFIX = 'ce-';

/**
 * Decodes an event in binary mode (HTTP binding 1.0, 3.1): headers are attributes, the body is the payload. Throws
 * `BadEvent`.
 */
export function decodeBinaryEvent(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  contentType: string | undefined,
  body: Buffer,
): CloudEvent {
  const raw = new Map<string, unknown>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(ATTRIBUTE_PREFIX) || value === undefined) continue;
    const name = header.slice(ATTRIBUTE_PREFIX.length);
    raw.set(name, decodeHeaderValue(name, singleHeader(name, value)));
  }
  rejectOtherContentType(raw.get('datacontenttype'), contentType);
  if (contentType !== undefined && contentType !== '') raw.set('datacontenttype', contentType);
  return buildCheckedEvent(raw, decodeBinaryPayload(raw, contentType, body));
}

/** The HTTP binding does not allow `ce-datacontenttype`. Some senders send it with the value of Content-Type. */
function rejectOtherContentType(attribute: unknown, contentType = ''): void {
  if (attribute === undefined || String(attribute).toLowerCase() === contentType.trim().toLowerCase()) return;
  const values = `${quoteForMessage(attribute)}, but Content-Type is ${quoteForMessage(contentType)}`;
  throw new BadEvent(`header ce-datacontenttype is ${values}; allowed: the same value`, {
    attribute: 'datacontenttype',
  });
}

/** Rejects a repeated header. The gateway cannot know which value the sender meant. */
function singleHeader(name: string, value: string | readonly string[]): string {
  const [first = '', ...others] = typeof value === 'string' ? [value] : value;
  if (others.length === 0) return first;
  throw new BadEvent(`header ce-${name} occurs ${others.length + 1} times; allowed: once`, {
    attribute: name,
  });
}

function decodeBinaryPayload(
  raw: ReadonlyMap<string, unknown>,
  contentType: string | undefined,
  body: Buffer,
): EventData | undefined {
  const isBase64 = hasBase64EncodingV03(raw);
  if (body.length === 0) return undefined;
  return decodeBody(contentType, isBase64 ? decodeBase64(body.toString('latin1'), 'data') : body);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a `ce-*` header value (HTTP binding 3.1.3.2): removes the quotes, then percent-decodes exactly once.
 * Node.js gives header bytes as Latin-1. This function restores raw UTF-8, which common senders write. A `%` that does
 * not start an escape stays, because some senders forget to encode it. Throws `BadEvent` if the bytes are not UTF-8.
 */
export function decodeHeaderValue(name: string, raw: string): string {
  // trim() would also remove the Latin-1 character A0, which is the last byte of many UTF-8 sequences.
  const text = unquote(trimBothEndsOf(raw, ' \t'));
  const bytes = Buffer.alloc(Buffer.byteLength(text, 'latin1'));
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const hex = text[at] === '%' ? /^[0-9a-f]{2}$/i.exec(text.slice(at + 1, at + 3))?.[0] : undefined;
    bytes[length++] = hex === undefined ? text.charCodeAt(at) : Number.parseInt(hex, 16);
    if (hex !== undefined) at += 2;
  }
  try {
    return utf8.decode(bytes.subarray(0, length));
  } catch {
    throw new BadEvent(`header ce-${name} is ${quoteForMessage(raw)}, which is not UTF-8`, {
      attribute: name,
    });
  }
}

function unquote(text: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  return quoted === undefined ? text : quoted.replace(/\\(.)/gs, '$1');
}
