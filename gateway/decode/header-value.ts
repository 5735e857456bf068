import { BadEvent, shown } from './bad-event.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a `ce-*` header value as the HTTP binding 3.1.3.2 says: unquoted, then percent-decoded exactly once. Node
 * gives header bytes as Latin-1, so raw UTF-8, which common senders write, is recovered. A `%` that starts no escape is
 * kept, since senders forget to encode it; bytes that are not UTF-8 are refused.
 */
export function decodeHeaderValue(name: string, raw: string): string {
  // Not trim(): that takes the Latin-1 byte A0 too, with which many UTF-8 sequences end.
  const text = unquote(raw.replace(/^[ \t]+|[ \t]+$/g, ''));
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
    throw new BadEvent(`header ce-${name} is ${shown(raw)}, which is not UTF-8`, { attribute: name });
  }
}

function unquote(text: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  return quoted === undefined ? text : quoted.replace(/\\(.)/gs, '$1');
}
