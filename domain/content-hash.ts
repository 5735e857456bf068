import { createHash, type Hash } from 'node:crypto';
import type { CloudEvent } from './cloud-event.ts';
import { instantOf } from './time-stamp.ts';

/** Attributes that say what happened. Extensions are left out: brokers add and change them with each attempt. */
const TOLD = ['type', 'subject', 'dataschema'] as const;

/** What an event says, as 16 hex digits: the same however it was sent, another when a sender reuses an identity. */
export function contentHash({ attributes, data }: CloudEvent): string {
  const hash = createHash('sha256');
  // Knative's brokers write a time in UTC, whatever it came in.
  const instant = instantOf(String(attributes.time ?? '')) ?? null;
  hash.update(JSON.stringify([instant, ...TOLD.map((name) => attributes[name] ?? null)]));
  // JSON is JSON, whether its media type is left to the default, said, or said with a charset, as the modes differ in.
  if (data?.bytes !== undefined)
    hash.update(JSON.stringify(['bytes', attributes.datacontenttype ?? null])).update(data.bytes);
  else if (data !== undefined) canonical(data.json, hash.update('json'));
  return hash.digest('hex').slice(0, 16);
}

/** JSON with its keys in order, piece by piece: a large document is never there a second time. */
function canonical(value: unknown, hash: Hash): void {
  if (Array.isArray(value)) {
    hash.update('[');
    for (const item of value) {
      canonical(item, hash);
      hash.update(',');
    }
    hash.update(']');
  } else if (typeof value === 'object' && value !== null) {
    hash.update('{');
    for (const [name, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${JSON.stringify(name)}:`);
      canonical(item, hash);
      hash.update(',');
    }
    hash.update('}');
  } else hash.update(JSON.stringify(value) ?? 'null');
}
