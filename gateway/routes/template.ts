import { InvalidInput } from '../../domain/errors.ts';
import { ExactNumber, isJsonNumber, numberText } from '../../domain/exact-json.ts';
import { parseTimeSlots, timeSlotStart } from '../../domain/time-slot.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import type { ReportMistake } from '../../runtime/schema.ts';

/** A compiled value from the routes file. Its texts may have `{path}` placeholders. */
export interface Template {
  /** Returns the filled value, which may contain `ExactNumber`. Throws `InvalidInput` that names a missing path. */
  fill(input: TemplateInput): unknown;
}

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
  if (typeof template === 'object' && template !== null && !(template instanceof ExactNumber)) {
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

/** A part of a text: literal characters, or a placeholder with its braces. */
const PART = /[^{}]+|\{(?:"(?:[^"\\]|\\.)*"|[^{}"])*\}/gy;

function compileText(text: string, report: ReportMistake): Template {
  const parts = [...text.matchAll(PART)].map(([part]) => part);
  if (parts.join('') !== text) report([], `${JSON.stringify(text)} has an unmatched brace`);
  const compiled = parts.map((part) => (part.startsWith('{') ? compilePlaceholder(part.slice(1, -1)) : part));
  const valid = compiled.filter((part): part is Placeholder | string => {
    if (typeof part === 'object' && 'mistake' in part) report([], part.mistake);
    return typeof part === 'string' || 'resolve' in part;
  });
  const [only] = valid;
  if (valid.length === 1 && typeof only === 'object') return { fill: (input) => only.resolve(input) };
  return {
    fill: (input) =>
      valid
        .map((part) =>
          typeof part === 'string' ? part : placeholderText(part.resolve(input), `the event's ${part.path}`),
        )
        .join(''),
  };
}

/** Formats a placeholder's value within a text or as an id. A number keeps its digits. */
export function placeholderText(value: unknown, subject: string): string {
  if (value === undefined) return '';
  if (isJsonNumber(value)) return numberText(value);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  throw new InvalidInput('TemplateUnfilled', `${subject} is not a text, number or boolean`);
}

/** The event that templates read. */
interface TemplateInput {
  /** The event in CloudEvents' JSON format. */
  readonly json: unknown;
}

/** A placeholder: `{path}`, the optional `{path?}`, or `{path|slot:PT3H,Asia/Shanghai}` for the time slot of a time. */
interface Placeholder {
  /** The path as the template has it. */
  readonly path: string;
  /**
   * Returns the event's value at the path. Throws `InvalidInput` if the value is missing or unsuitable for the
   * placeholder.
   */
  resolve(input: TemplateInput): unknown;
}

/** A key of a path: plain, or any key as a JSON string. */
const KEY = '(?:[A-Za-z0-9_-]+|"(?:[^"\\\\]|\\\\.)*")';
const PLACEHOLDER = new RegExp(`^(${KEY}(?:\\.${KEY})*)(\\?)?(?:\\|([a-z]+):([^|]*))?$`);
const KEYS = new RegExp(KEY, 'g');

/**
 * Compiles the text between the braces. For a quoted text such as `"{"`, returns the text itself: the template `{"{"}`
 * produces a brace. If the text is invalid, returns a sentence about the mistake.
 */
function compilePlaceholder(text: string): Placeholder | string | { readonly mistake: string } {
  const [, path = '', optional, filter, parameters = ''] = PLACEHOLDER.exec(text) ?? [];
  const keys = [...path.matchAll(KEYS)].map(([key]) => (key.startsWith('"') ? parseKey(key) : key));
  if (keys.length === 0 || keys.includes(undefined))
    return { mistake: `{${text}} is not a path of an event such as {data.order.id} or {data."a b"}` };
  if (path.startsWith('"')) {
    if (path === text && keys.length === 1) return keys[0] ?? '';
    return { mistake: `{${text}} begins with a quoted text; a path begins with an attribute or with data` };
  }
  const readValue = (input: TemplateInput): unknown => {
    const value = valueAt(input.json, keys as readonly string[]);
    if (value === undefined && optional === undefined)
      throw new InvalidInput('TemplateUnfilled', `the event has no ${path}`);
    return value;
  };
  if (filter === undefined) return { path, resolve: readValue };
  if (filter !== 'slot')
    return { mistake: `{${text}} has the unknown filter ${JSON.stringify(filter)}; allowed: slot` };
  const [duration = '', zone = ''] = parameters.split(',').map((part) => part.trim());
  const slots = parseTimeSlots(duration, zone);
  if (typeof slots === 'string') return { mistake: `{${text}}: ${slots}` };
  return {
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

/** Parses a JSON string. Returns undefined if it has an invalid escape. */
function parseKey(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

/** Returns the value at a path. Ignores inherited fields. A null counts as missing. */
function valueAt(event: unknown, keys: readonly string[]): unknown {
  let value = event;
  for (const key of keys) {
    // An array also has properties such as `length`. Only its items are values of the event.
    const isItem = !Array.isArray(value) || /^\d+$/.test(key);
    const has =
      typeof value === 'object' &&
      value !== null &&
      !(value instanceof ExactNumber) &&
      isItem &&
      Object.hasOwn(value, key);
    value = has ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value ?? undefined;
}
