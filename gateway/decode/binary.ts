import type { CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { BadEvent } from './bad-event.ts';
import { checkedEvent } from './check-attributes.ts';
import { decodeHeaderValue } from './header-value.ts';
import { decodeBase64, isBase64In03, payloadOfBytes } from './payload.ts';

const PREFIX = 'ce-';

/** An event in binary mode of the HTTP binding 1.0, 3.1: attributes are headers, the body is the payload; throws `BadEvent`. */
export function fromBinaryMode(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  contentType: string | undefined,
  body: Buffer,
): CloudEvent {
  const raw = new Map<string, unknown>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX) || value === undefined) continue;
    const name = header.slice(PREFIX.length);
    raw.set(name, decodeHeaderValue(name, once(name, value)));
  }
  if (raw.has('datacontenttype')) {
    throw new BadEvent('header ce-datacontenttype is not allowed, Content-Type says it', {
      attribute: 'datacontenttype',
    });
  }
  if (contentType !== undefined && contentType !== '') raw.set('datacontenttype', contentType);
  return checkedEvent(raw, payload(raw, contentType, body));
}

/** A header that came several times has no value: the first, or both in one, would be an identity made up here. */
function once(name: string, value: string | readonly string[]): string {
  const [first = '', ...more] = typeof value === 'string' ? [value] : value;
  if (more.length === 0) return first;
  throw new BadEvent(`header ce-${name} came ${more.length + 1} times, allowed is once`, { attribute: name });
}

function payload(
  raw: ReadonlyMap<string, unknown>,
  contentType: string | undefined,
  body: Buffer,
): EventData | undefined {
  const isBase64 = isBase64In03(raw);
  if (body.length === 0) return undefined;
  return payloadOfBytes(contentType, isBase64 ? decodeBase64(body.toString('latin1'), 'data') : body);
}
