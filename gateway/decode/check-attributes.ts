import type { AttributeValue, CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';

const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;

/** Context attributes that the specification types as text; extensions may also be numbers or booleans. */
const TEXT_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...REQUIRED,
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
]);

/** Attributes that are timestamps: what counts on them would silently not happen. */
const TIME_ATTRIBUTES = ['time', 'expirytime'] as const;

/** 0.3 differs in names only where 1.0 took one away or renamed it. */
const RENAMED_IN_1_0: ReadonlyMap<string, string> = new Map([['schemaurl', 'dataschema']]);

/** CloudEvents 1.0, type system: control characters, noncharacters and lone surrogates are in no String. */
const DISALLOWED_CHARACTER = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Optional attributes that must not be empty where they are there. */
const NON_EMPTY_ATTRIBUTES: ReadonlySet<string> = new Set(['subject', 'dataschema', 'datacontenttype']);

/**
 * Makes an event of raw attributes, or throws a `BadEvent` naming the attribute. Nothing is invented and nothing
 * repaired: an identity made up here would make every redelivery a new event.
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
    // It says how 0.3 wrote the data, which has been undone.
    if (name === 'datacontentencoding' && version === '0.3') continue;
    attributes[name] = checkAttribute(name, value);
  }
  for (const name of REQUIRED) {
    if (attributes[name] === undefined) rejectAttribute(name, 'is missing');
    if (attributes[name] === '') rejectAttribute(name, 'is empty');
  }
  if (version !== '1.0' && version !== '0.3') {
    rejectAttribute('specversion', `is ${quoteForMessage(version)}, known are 1.0 and 0.3`);
  }
  attributes.specversion = '1.0';
  for (const name of TIME_ATTRIBUTES) {
    const stamp = attributes[name];
    if (stamp !== undefined && parseTimestampMs(String(stamp)) === undefined)
      rejectAttribute(name, `is ${quoteForMessage(stamp)}, allowed is an RFC 3339 timestamp`);
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

function checkAttribute(name: string, value: unknown): AttributeValue {
  if (!/^[a-z0-9]+$/.test(name)) {
    throw new BadEvent(
      `attribute name ${quoteForMessage(name)} is not allowed, names are made of a-z and 0-9`,
      {
        attribute: name,
      },
    );
  }
  // As an attribute it would be taken for the payload wherever the event is written as JSON.
  if (name === 'data') rejectAttribute(name, 'is not allowed, the name is reserved for the payload');
  if (typeof value === 'string') {
    if (DISALLOWED_CHARACTER.test(value))
      rejectAttribute(name, `is ${quoteForMessage(value)}, which has characters that are not allowed`);
    if (value === '' && NON_EMPTY_ATTRIBUTES.has(name)) rejectAttribute(name, 'is empty');
    return value;
  }
  if (TEXT_ATTRIBUTES.has(name)) rejectAttribute(name, `is ${quoteForMessage(value)}, allowed is text`);
  if (typeof value === 'boolean' || isInteger(value)) return value;
  return rejectAttribute(
    name,
    `is ${quoteForMessage(value)}, allowed is text, true, false or an integer of 32 bits`,
  );
}

/** CloudEvents 1.0, type system: an Integer is a whole number of 32 bits, signed. */
function isInteger(value: unknown): value is number {
  return Number.isInteger(value) && value === ((value as number) | 0);
}

function rejectAttribute(attribute: string, problem: string): never {
  throw new BadEvent(`attribute ${attribute} ${problem}`, { attribute });
}
