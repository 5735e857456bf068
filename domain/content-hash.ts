import { createHash } from 'node:crypto';
import type { CloudEvent } from './cloud-event.ts';
import { canonicalNumberText } from './compare-numbers.ts';
import { isJsonNumber } from './exact-json.ts';
import { isJsonMediaType } from './media-type.ts';
import { parseTimestampMs } from './timestamp.ts';

/** Attributes that describe what happened. Extensions are excluded: brokers add and change them with each attempt. */
const HASHED_ATTRIBUTES = ['type', 'subject', 'dataschema'] as const;

/** JSON is hashed in pieces of about this size. */
const FLUSH_CHARACTERS = 4_096;

/**
 * Returns a hash of an event's content as 16 hex digits. The hash does not depend on how the event was sent. If a
 * sender reuses the identity of an event for other content, the hash is different.
 */
export function contentHash({ attributes, data }: CloudEvent): string {
  const hash = createHash('sha256');
  // Knative's brokers convert times to UTC.
  const instant = parseTimestampMs(String(attributes.time ?? '')) ?? null;
  hash.update(JSON.stringify([instant, ...HASHED_ATTRIBUTES.map((name) => attributes[name] ?? null)]));
  // JSON is hashed without its media type, because senders and brokers write it differently: absent, present, or with
  // a charset.
  const bytes = payloadBytes(attributes.datacontenttype, data);
  if (bytes !== undefined)
    hash.update(JSON.stringify(['bytes', attributes.datacontenttype ?? null])).update(bytes);
  else if (data !== undefined) {
    // One call of `hash.update` for each piece would cost more than the hashing.
    let pending = 'json';
    writeCanonicalJson(data.json, (piece) => {
      pending += piece;
      if (pending.length < FLUSH_CHARACTERS) return;
      hash.update(pending);
      pending = '';
    });
    hash.update(pending);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Returns the bytes of a payload that is not JSON. A structured event has a text payload as a JSON string. */
function payloadBytes(contentType: unknown, data: CloudEvent['data']): Buffer | undefined {
  const isText =
    typeof data?.json === 'string' && typeof contentType === 'string' && !isJsonMediaType(contentType);
  return isText ? Buffer.from(String(data.json), 'utf8') : data?.bytes;
}

/** Writes JSON with sorted keys piece by piece, so that a large document is not in memory twice. */
function writeCanonicalJson(value: unknown, write: (piece: string) => void): void {
  if (isJsonNumber(value)) write(canonicalNumberText(value));
  else if (Array.isArray(value)) {
    write('[');
    for (const item of value) {
      writeCanonicalJson(item, write);
      write(',');
    }
    write(']');
  } else if (typeof value === 'object' && value !== null) {
    write('{');
    for (const name of sortNames(Object.keys(value))) {
      write(`${JSON.stringify(name)}:`);
      writeCanonicalJson((value as Record<string, unknown>)[name], write);
      write(',');
    }
    write('}');
  } else write(JSON.stringify(value) ?? 'null');
}

/** Longer lists are sorted by `sort`, because the time of `sortNames` grows with the square of the length. */
const MAX_INSERTION_SORT = 16;

/**
 * Sorts names in place by their UTF-16 code units, as `sort` does. For the few names of a usual object, it is faster and
 * makes no garbage.
 */
function sortNames(names: string[]): string[] {
  if (names.length > MAX_INSERTION_SORT) return names.sort();
  for (let end = 1; end < names.length; end++) {
    const name = names[end] as string;
    let at = end;
    for (; at > 0 && (names[at - 1] as string) > name; at--) names[at] = names[at - 1] as string;
    names[at] = name;
  }
  return names;
}
