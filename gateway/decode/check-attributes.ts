import type { AttributeValue, CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';

const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;

/** Context attributes whose type is text. Extension attributes may also be numbers or booleans. */
const TEXT_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...REQUIRED,
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
]);

/** Attributes that must be valid timestamps. With an invalid timestamp, features such as `expires` would do nothing. */
const TIME_ATTRIBUTES = ['time', 'expirytime'] as const;

/** Attributes of specversion 0.3 that have another name in 1.0. */
const RENAMED_IN_1_0: ReadonlyMap<string, string> = new Map([['schemaurl', 'dataschema']]);

/** CloudEvents 1.0, type system: a String has no control characters, noncharacters or lone surrogates. */
const DISALLOWED_CHARACTER = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Optional attributes that must not be empty if they are present. */
const NON_EMPTY_ATTRIBUTES: ReadonlySet<string> = new Set(['subject', 'dataschema', 'datacontenttype']);

/**
 * Creates an event from raw attributes. Throws a `BadEvent` that names the attribute. Never invents or repairs an
 * attribute: if the gateway generated an id, every redelivery would be a new event. Exception: the time zone of
 * EventBridge's times.
 */
export function buildCheckedEvent(
  raw: ReadonlyMap<string, unknown>,
  data: EventData | undefined,
): CloudEvent {
  const attributes: Record<string, AttributeValue> = {};
  const version = raw.get('specversion');
  for (const [rawName, value] of raw) {
    if (value === null || value === undefined) continue;
    const name = version === '0.3' ? (RENAMED_IN_1_0.get(rawName) ?? rawName) : rawName;
    // In 0.3 this attribute is the encoding of the data. The caller has already decoded the data.
    if (name === 'datacontentencoding' && version === '0.3') continue;
    attributes[name] = checkAttribute(name, name === 'time' ? withTimeZone(value) : value);
  }
  for (const name of REQUIRED) {
    if (attributes[name] === undefined) rejectAttribute(name, 'is missing');
    if (attributes[name] === '') rejectAttribute(name, 'is empty');
  }
  if (version !== '1.0' && version !== '0.3') {
    rejectAttribute('specversion', `is ${quoteForMessage(version)}; allowed: 1.0, 0.3`);
  }
  attributes.specversion = '1.0';
  for (const name of TIME_ATTRIBUTES) {
    const stamp = attributes[name];
    if (stamp !== undefined && parseTimestampMs(String(stamp)) === undefined)
      rejectAttribute(name, `is ${quoteForMessage(stamp)}; allowed: an RFC 3339 timestamp`);
  }
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

/** Adds the time zone to a time like `2020-07-21 20:22:01.961000`. EventBridge sends such times, in Asia/Shanghai. */
function withTimeZone(time: unknown): unknown {
  const [, day, clock] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/.exec(typeof time === 'string' ? time : '') ?? [];
  return day === undefined ? time : `${day}T${clock}+08:00`;
}

/**
 * The maximum length of an attribute, in characters. Binary mode allows no longer ones, because they are headers. Longer ids
 * would fill the histories of signalled runs, and the lists of runs.
 */
const MAX_ATTRIBUTE_LENGTH = 16_384;

function checkAttribute(name: string, value: unknown): AttributeValue {
  if (!/^[a-z0-9]+$/.test(name)) {
    throw new BadEvent(`attribute name ${quoteForMessage(name)} is invalid; allowed: a-z and 0-9`, {
      attribute: name,
    });
  }
  // In JSON, an attribute with this name would be read as the payload.
  if (name === 'data') rejectAttribute(name, 'is not allowed, because the name is reserved for the payload');
  if (typeof value === 'string') {
    if (value.length > MAX_ATTRIBUTE_LENGTH)
      rejectAttribute(name, `has ${value.length} characters; allowed: at most ${MAX_ATTRIBUTE_LENGTH}`);
    if (DISALLOWED_CHARACTER.test(value))
      rejectAttribute(name, `is ${quoteForMessage(value)}, which has characters that are not allowed`);
    if (value === '' && NON_EMPTY_ATTRIBUTES.has(name)) rejectAttribute(name, 'is empty');
    return value;
  }
  if (TEXT_ATTRIBUTES.has(name)) rejectAttribute(name, `is ${quoteForMessage(value)}; allowed: text`);
  if (typeof value === 'boolean' || isInteger(value)) return value;
  return rejectAttribute(
    name,
    `is ${quoteForMessage(value)}; allowed: text, true, false or a 32-bit integer`,
  );
}

/** CloudEvents 1.0, type system: an Integer is a signed 32-bit whole number. */
function isInteger(value: unknown): value is number {
  return Number.isInteger(value) && value === ((value as number) | 0);
}

function rejectAttribute(attribute: string, problem: string): never {
  throw new BadEvent(`attribute ${attribute} ${problem}`, { attribute });
}
