import type { CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { BadEvent, shown } from './bad-event.ts';
import { checkedEvent } from './check-attributes.ts';
import { memberOf } from './json-text.ts';
import { isJson, isUtf8 } from './media-type.ts';
import type { ParsedJson } from './parse-json.ts';
import { decodeBase64, isBase64In03, payloadOfBytes } from './payload.ts';

/** An event in CloudEvents' JSON format 1.0, or 0.3's; throws `BadEvent`. */
export function fromJsonFormat({ value, text }: ParsedJson): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadEvent(`the event is ${shown(value)}, allowed is a JSON object`);
  }
  const { data, data_base64: base64, ...attributes } = value as Record<string, unknown>;
  const raw = new Map(Object.entries(attributes));
  return checkedEvent(raw, payload(value, { data, base64, raw, text }));
}

function payload(
  value: object,
  {
    data,
    base64,
    raw,
    text,
  }: { data: unknown; base64: unknown; raw: ReadonlyMap<string, unknown>; text: string },
): EventData | undefined {
  const type = raw.get('datacontenttype');
  const hasData = 'data' in value;
  if (base64 !== undefined && base64 !== null) {
    if (hasData) {
      throw new BadEvent('data and data_base64 are both there, only one is allowed', {
        attribute: 'data_base64',
      });
    }
    return payloadOfBytes(type, decodeBase64(base64, 'data_base64'), 'data_base64');
  }
  if (!hasData) return undefined;
  if (isBase64In03(raw)) return payloadOfBytes(type, decodeBase64(data, 'data'), 'data');
  if (isEncodedText(data, type)) return { bytes: Buffer.from(data, 'utf8') };
  return { json: data, text: memberOf(text, 'data') };
}

/**
 * JSON format 3.1.2: a string is content of the media type, unless that is JSON, where it is a JSON string. Text in a
 * charset that this does not write stays the text it is: its bytes would be others than the media type says.
 */
function isEncodedText(data: unknown, type: unknown): data is string {
  return typeof data === 'string' && typeof type === 'string' && !isJson(type) && isUtf8(type);
}
