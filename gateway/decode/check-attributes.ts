import type { AttributeValue, CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { BadEvent, shown } from './bad-event.ts';

const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;

/** Context attributes that the specification types as text; extensions may also be numbers or booleans. */
const TEXT: ReadonlySet<string> = new Set([...REQUIRED, 'subject', 'time', 'datacontenttype', 'dataschema']);

/** 0.3 differs in names only where 1.0 took one away or renamed it. */
const RENAMED_IN_1_0: Readonly<Record<string, string>> = { schemaurl: 'dataschema' };

/** RFC 3339; and the zone names that EventBridge's own stamps end with, both of them UTC+8. */
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d|Asia\/Shanghai|PRC)$/;

/** CloudEvents 1.0, type system: control characters, noncharacters and lone surrogates are in no String. */
const DISALLOWED = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Optional attributes that must not be empty where they are there. */
const FILLED: ReadonlySet<string> = new Set(['subject', 'dataschema', 'datacontenttype']);

/**
 * Makes an event of raw attributes, or throws a `BadEvent` naming the attribute. Nothing is invented and nothing
 * repaired: an identity made up here would make every redelivery a new event.
 */
export function checkedEvent(raw: ReadonlyMap<string, unknown>, data: EventData | undefined): CloudEvent {
  const attributes: Record<string, AttributeValue> = {};
  const version = raw.get('specversion');
  for (const [rawName, value] of raw) {
    if (value === null || value === undefined) continue;
    const name = version === '0.3' ? (RENAMED_IN_1_0[rawName] ?? rawName) : rawName;
    if (name === 'datacontentencoding' && version === '0.3') continue;
    attributes[name] = checkedValue(name, value);
  }
  for (const name of REQUIRED) {
    if (attributes[name] === undefined)
      throw new BadEvent(`attribute ${name} is missing`, { attribute: name });
    if (attributes[name] === '') throw new BadEvent(`attribute ${name} is empty`, { attribute: name });
  }
  if (version !== '1.0' && version !== '0.3') {
    throw new BadEvent(`attribute specversion is ${shown(version)}, known are 1.0 and 0.3`, {
      attribute: 'specversion',
    });
  }
  attributes.specversion = '1.0';
  if (attributes.time !== undefined) checkTime(String(attributes.time));
  const { id, source, type, subject, time } = attributes as Record<string, string>;
  return {
    id: id as string,
    source: source as string,
    type: type as string,
    ...(subject === undefined ? {} : { subject }),
    ...(time === undefined ? {} : { time }),
    attributes,
    ...(data === undefined ? {} : { data }),
  };
}

function checkedValue(name: string, value: unknown): AttributeValue {
  if (!/^[a-z0-9]+$/.test(name)) {
    throw new BadEvent(`attribute name ${shown(name)} has other characters than a-z and 0-9`, {
      attribute: name,
    });
  }
  if (typeof value === 'string') {
    if (DISALLOWED.test(value)) {
      throw new BadEvent(`attribute ${name} is ${shown(value)}, which has characters that are not allowed`, {
        attribute: name,
      });
    }
    if (value === '' && FILLED.has(name))
      throw new BadEvent(`attribute ${name} is empty`, { attribute: name });
    return value;
  }
  if (!TEXT.has(name) && (typeof value === 'boolean' || Number.isInteger(value)))
    return value as AttributeValue;
  throw new BadEvent(`attribute ${name} is ${shown(value)}, allowed is text`, { attribute: name });
}

function checkTime(text: string): void {
  const match = TIME.exec(text);
  const [, year, month, day, hour, minute, second] = (match ?? []).map(Number) as number[];
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const valid =
    match !== null &&
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= days &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 60;
  if (!valid)
    throw new BadEvent(`attribute time is ${shown(text)}, allowed is an RFC 3339 timestamp`, {
      attribute: 'time',
    });
}
