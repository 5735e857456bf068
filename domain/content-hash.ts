import { createHash } from 'node:crypto';
import type { CloudEvent } from './cloud-event.ts';
import { parseTimestampMs } from './timestamp.ts';

/** Attributes that say what happened. Extensions are left out: brokers add and change them with each attempt. */
const HASHED_ATTRIBUTES = ['type', 'subject', 'dataschema'] as const;

/** Of JSON, so much is hashed at a time. */
const FLUSH_CHARACTERS = 4_096;

/** What an event says, as 16 hex digits: the same however it was sent, another when a sender reuses an identity. */
export function contentHash({ attributes, data }: CloudEvent): string {
  const hash = createHash('sha256');
  // Knative's brokers write a time in UTC, whatever it came in.
  const instant = parseTimestampMs(String(attributes.time ?? '')) ?? null;
  hash.update(JSON.stringify([instant, ...HASHED_ATTRIBUTES.map((name) => attributes[name] ?? null)]));
  // JSON is JSON, whether its media type is left to the default, said, or said with a charset, as the modes differ in.
  if (data?.bytes !== undefined)
    hash.update(JSON.stringify(['bytes', attributes.datacontenttype ?? null])).update(data.bytes);
  else if (data !== undefined) {
    // A call into the hash for each piece would cost more than the hashing.
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

/** JSON with its keys in order, piece by piece: a large document is never there a second time. */
function writeCanonicalJson(value: unknown, write: (piece: string) => void): void {
  if (Array.isArray(value)) {
    write('[');
    for (const item of value) {
      writeCanonicalJson(item, write);
      write(',');
    }
    write(']');
  } else if (typeof value === 'object' && value !== null) {
    write('{');
    for (const [name, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      write(`${JSON.stringify(name)}:`);
      writeCanonicalJson(item, write);
      write(',');
    }
    write('}');
  } else write(JSON.stringify(value) ?? 'null');
}
