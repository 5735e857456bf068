import { InvalidInput } from '../../domain/errors.ts';
import { parseTimeSlots, timeSlotStart } from '../../domain/time-slot.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import type { ReportMistake } from '../../runtime/schema.ts';
import { childrenOf } from '../decode/json-text.ts';

/** A compiled value from the routes file. Its texts may have `{path}` placeholders. */
export interface Template {
  /** Returns the filled value, which may contain `RawJson`. Throws `InvalidInput` that names a missing path. */
  fill(input: TemplateInput): unknown;
}

const BRACES = /\{([^{}]*)\}/g;

/**
 * Compiles a template. If a text consists of one placeholder, the result has the JSON type of the placeholder's value.
 * `{path?}` is optional: if the event has no such value, the field is omitted. Within a longer text, such a placeholder
 * becomes empty. Mistakes are reported, not thrown.
 */
export function compileTemplate(template: unknown, report: ReportMistake): Template {
  if (typeof template === 'string') return compileText(template, report);
  if (Array.isArray(template)) {
    const items = template.map((item, index) => compileTemplate(item, reportUnder(index, report)));
    return { fill: (input) => items.map((item) => item.fill(input)) };
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([name, value]) => [name, compileTemplate(value, reportUnder(name, report))] as const,
    );
    return {
      fill: (input) =>
        Object.fromEntries(
          fields
            .map(([name, value]) => [name, value.fill(input)] as const)
            .filter(([, value]) => value !== undefined),
        ),
    };
  }
  return { fill: () => template };
}

const reportUnder =
  (key: string | number, report: ReportMistake): ReportMistake =>
  (path, message) =>
    report([key, ...path], message);

function compileText(text: string, report: ReportMistake): Template {
  if (/[{}]/.test(text.replace(BRACES, ''))) report([], `${JSON.stringify(text)} has an unmatched brace`);
  const placeholders = [...text.matchAll(BRACES)].map(([, inner = '']) => compilePlaceholder(inner));
  for (const placeholder of placeholders) if (typeof placeholder === 'string') report([], placeholder);
  const validPlaceholders = placeholders.filter(
    (placeholder): placeholder is Placeholder => typeof placeholder !== 'string',
  );
  const [only] = validPlaceholders;
  if (only !== undefined && `{${only.text}}` === text) return { fill: (input) => only.resolve(input) };
  return {
    fill: (input) => {
      let next = 0;
      return text.replace(BRACES, (whole) => {
        const placeholder = validPlaceholders[next++];
        return placeholder === undefined
          ? whole
          : placeholderText(placeholder.resolve(input), `the event's ${placeholder.path}`);
      });
    },
  };
}

/** Formats a placeholder's value within a text or as an id. A number keeps its digits. */
export function placeholderText(value: unknown, subject: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (value instanceof RawJson && /^[-\d]/.test(value.text)) return value.text;
  throw new InvalidInput('TemplateUnfilled', `${subject} is not a text, number or boolean`);
}

/** The event data that templates read. */
interface TemplateInput {
  /** The event in CloudEvents' JSON format. */
  readonly json: unknown;
  /** The original text of `data`, if it is JSON. */
  readonly dataText?: string | undefined;
}

/** A placeholder: `{path}`, the optional `{path?}`, or `{path|slot:PT3H,Asia/Shanghai}` for the time slot of a time. */
interface Placeholder {
  /** The source text without the braces. */
  readonly text: string;
  readonly path: string;
  /**
   * Returns the event's value at the path. Returns `RawJson` if parsing changes numbers of the value. Throws
   * `InvalidInput` if the value is missing or unsuitable for the placeholder.
   */
  resolve(input: TemplateInput): unknown;
}

const PLACEHOLDER = /^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(\?)?(?:\|([a-z]+):([^|]*))?$/;

/** Compiles the text between the braces. Returns a sentence about the mistake if the text is invalid. */
function compilePlaceholder(text: string): Placeholder | string {
  const [, path = '', optional, filter, parameters = ''] = PLACEHOLDER.exec(text) ?? [];
  if (path === '') return `{${text}} is not a path of an event such as {data.order.id}`;
  const readValue = (input: TemplateInput): unknown => {
    const value = valueAt(input.json, path);
    if (value === undefined && optional === undefined)
      throw new InvalidInput('TemplateUnfilled', `the event has no ${path}`);
    return hasInexactNumber(value) ? rawJsonAt(input, path) : value;
  };
  if (filter === undefined) return { text, path, resolve: readValue };
  if (filter !== 'slot') return `{${text}} has the unknown filter ${JSON.stringify(filter)}; allowed: slot`;
  const [duration = '', zone = ''] = parameters.split(',').map((part) => part.trim());
  const slots = parseTimeSlots(duration, zone);
  if (typeof slots === 'string') return `{${text}}: ${slots}`;
  return {
    text,
    path,
    resolve(input) {
      const value = readValue(input);
      if (value === undefined) return undefined;
      const instant = typeof value === 'string' ? parseTimestampMs(value) : undefined;
      if (instant === undefined)
        throw new InvalidInput('TemplateUnfilled', `the event's ${path} is not an RFC 3339 timestamp`);
      return timeSlotStart(instant, slots);
    },
  };
}

/** Returns the value at a path. Ignores inherited fields. A null counts as missing. */
function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const key of path.split('.')) {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    value = has ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value ?? undefined;
}

function rawJsonAt({ dataText }: TemplateInput, path: string): RawJson {
  const [, ...within] = path.split('.');
  const text = dataText === undefined ? undefined : jsonTextAt(dataText, within);
  if (text !== undefined) return new RawJson(text);
  throw new InvalidInput(
    'TemplateUnfilled',
    `the event's ${path} has a number that is too large to be exact`,
  );
}

/** A JSON value as its original text, because parsing would change it. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Returns true if parsing may have changed a number: an integer over 2^53 - 1, such as a 64-bit id, or an infinite
 * number.
 */
export function hasInexactNumber(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInexactNumber);
}

/** Returns the text at a path in a JSON text; undefined if the path does not exist. */
function jsonTextAt(text: string, path: readonly string[]): string | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return text;
  const children = childrenOf(text);
  // If several members have one name, the last one counts, as in `JSON.parse`. The items of an array have no key.
  const child = children.findLast(({ key }, index) => (key ?? String(index)) === first);
  return child === undefined ? undefined : jsonTextAt(text.slice(child.start, child.end), rest);
}

/** Returns true if a value contains `RawJson`. */
export function containsRawJson(value: unknown): boolean {
  if (value instanceof RawJson) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(containsRawJson);
}

/** Serialises a value to JSON and keeps `RawJson` as it is. */
export function stringifyWithRawJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => stringifyWithRawJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${stringifyWithRawJson(item)}`).join(',')}}`;
}
