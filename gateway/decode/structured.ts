import type { CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { BadEvent, shown } from './bad-event.ts';
import { checkedEvent } from './check-attributes.ts';
import { isJson } from './media-type.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a body as JSON; a byte order mark is dropped, as `TextDecoder` does. */
export function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new BadEvent('the body is not UTF-8');
  }
  if (depthOf(text) > DEPTH) throw new BadEvent(`the body has arrays or objects more than ${DEPTH} deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadEvent(
      text === '' ? 'the body is empty' : `the body is not JSON: it starts with ${shown(text.slice(0, 30))}`,
    );
  }
}

/** Deeper JSON is nobody's event; it would overflow the stack of whatever walks it. */
const DEPTH = 200;

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (quoted && char === '\\') at++;
    else if (!quoted && (char === '{' || char === '[')) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (char === '}' || char === ']')) depth--;
  }
  return deepest;
}

/** An event in CloudEvents' JSON format 1.0. */
export function fromJsonFormat(value: unknown): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadEvent(`the event is ${shown(value)}, allowed is a JSON object`);
  }
  const { data, data_base64: base64, ...attributes } = value as Record<string, unknown>;
  const raw = new Map(Object.entries(attributes));
  return checkedEvent(raw, payload(value, { data, base64, raw }));
}

function payload(
  value: object,
  { data, base64, raw }: { data: unknown; base64: unknown; raw: ReadonlyMap<string, unknown> },
): EventData | undefined {
  const encoding = raw.get('specversion') === '0.3' ? raw.get('datacontentencoding') : undefined;
  if (encoding === 'base64' && typeof data === 'string') return { bytes: decodeBase64(data, 'data') };
  const hasBase64 = base64 !== undefined && base64 !== null;
  if (hasBase64 && 'data' in value) {
    throw new BadEvent('data and data_base64 are both there, only one is allowed', {
      attribute: 'data_base64',
    });
  }
  if (hasBase64) return { bytes: decodeBase64(base64, 'data_base64') };
  if (!('data' in value)) return undefined;
  // JSON format 3.1: a string is text of the media type, unless that is JSON, where it is a JSON string.
  const type = raw.get('datacontenttype');
  if (typeof data === 'string' && typeof type === 'string' && !isJson(type))
    return { bytes: Buffer.from(data, 'utf8') };
  return { json: data };
}

function decodeBase64(text: unknown, name: string): Buffer {
  if (
    typeof text === 'string' &&
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
  ) {
    return Buffer.from(text, 'base64');
  }
  throw new BadEvent(`${name} is ${shown(text)}, allowed is base64`, { attribute: name });
}
