import { InvalidInput } from '../../domain/errors.ts';
import { parseTimeSlots, timeSlotStart } from '../../domain/time-slot.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import type { ReportMistake } from '../../runtime/schema.ts';
import { childrenOf } from '../decode/json-text.ts';

/** A value from the routes file with `{path}` placeholders in its texts, ready to be filled from an event. */
export interface Template {
  /** The filled value, in which values may be `Written`; throws `InvalidInput` naming the path that the event lacks. */
  fill(seen: TemplateInput): unknown;
}

const BRACES = /\{([^{}]*)\}/g;

/**
 * Compiles a template. A text that is one placeholder keeps the JSON type of its value; `{path?}` may be missing: then a
 * field is left out, and within a longer text nothing is put there. Mistakes are reported, not thrown.
 */
export function compileTemplate(template: unknown, report: ReportMistake): Template {
  if (typeof template === 'string') return compileText(template, report);
  if (Array.isArray(template)) {
    const items = template.map((item, index) => compileTemplate(item, reportUnder(index, report)));
    return { fill: (seen) => items.map((item) => item.fill(seen)) };
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([name, value]) => [name, compileTemplate(value, reportUnder(name, report))] as const,
    );
    return {
      fill: (seen) =>
        Object.fromEntries(
          fields
            .map(([name, value]) => [name, value.fill(seen)] as const)
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
  if (/[{}]/.test(text.replace(BRACES, '')))
    report([], `${JSON.stringify(text)} has a brace without its pair`);
  const placeholders = [...text.matchAll(BRACES)].map(([, inner = '']) => compilePlaceholder(inner));
  for (const placeholder of placeholders) if (typeof placeholder === 'string') report([], placeholder);
  const validPlaceholders = placeholders.filter(
    (placeholder): placeholder is Placeholder => typeof placeholder !== 'string',
  );
  const [only] = validPlaceholders;
  if (only !== undefined && `{${only.text}}` === text) return { fill: (seen) => only.resolve(seen) };
  return {
    fill: (seen) => {
      let next = 0;
      return text.replace(BRACES, (whole) => {
        const placeholder = validPlaceholders[next++];
        return placeholder === undefined
          ? whole
          : placeholderText(placeholder.resolve(seen), `the event's ${placeholder.path}`);
      });
    },
  };
}

/** What a placeholder's value is within a text, or as an id; a number keeps its digits. */
export function placeholderText(value: unknown, subject: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (value instanceof RawJson && /^[-\d]/.test(value.text)) return value.text;
  throw new InvalidInput('TemplateUnfilled', `${subject} is no text, number or boolean`);
}

/** An event as templates see it. */
interface TemplateInput {
  /** In CloudEvents' JSON format. */
  readonly view: unknown;
  /** Its `data` as it was written, where that is JSON. */
  readonly dataText?: string | undefined;
}

/** A placeholder in a template: `{path}`, `{path?}` where it may be missing, `{path|slot:PT3H,Asia/Shanghai}` for a time's slot. */
interface Placeholder {
  /** As written, without the braces. */
  readonly text: string;
  readonly path: string;
  /**
   * The event's value there, `Written` where it has numbers that parsing changes; throws `InvalidInput` when it is
   * missing, or not what the placeholder needs.
   */
  resolve(seen: TemplateInput): unknown;
}

const PLACEHOLDER = /^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(\?)?(?:\|([a-z]+):([^|]*))?$/;

/** Compiles what stands between the braces, or answers a sentence that says what is wrong. */
function compilePlaceholder(text: string): Placeholder | string {
  const [, path = '', optional, filter, parameters = ''] = PLACEHOLDER.exec(text) ?? [];
  if (path === '') return `{${text}} is no path of an event, like {data.order.id}`;
  const look = (seen: TemplateInput): unknown => {
    const value = valueAt(seen.view, path);
    if (value === undefined && optional === undefined)
      throw new InvalidInput('TemplateUnfilled', `the event has no ${path}`);
    return hasInexactNumber(value) ? rawJsonAt(seen, path) : value;
  };
  if (filter === undefined) return { text, path, resolve: look };
  if (filter !== 'slot') return `{${text}} has the unknown filter ${JSON.stringify(filter)}; known is slot`;
  const [duration = '', zone = ''] = parameters.split(',').map((part) => part.trim());
  const slots = parseTimeSlots(duration, zone);
  if (typeof slots === 'string') return `{${text}}: ${slots}`;
  return {
    text,
    path,
    resolve(seen) {
      const value = look(seen);
      if (value === undefined) return undefined;
      const instant = typeof value === 'string' ? parseTimestampMs(value) : undefined;
      if (instant === undefined)
        throw new InvalidInput('TemplateUnfilled', `the event's ${path} is no RFC 3339 timestamp`);
      return timeSlotStart(instant, slots);
    },
  };
}

/** Only own fields count; null is as good as missing. */
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

/** A JSON value that parsing would change, as it was written. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Whether parsing may have changed a number of a JSON value: a whole one over 2^53 - 1, as 64-bit ids are, or a huge one. */
export function hasInexactNumber(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInexactNumber);
}

/** The text of what a path leads to in a JSON text; undefined where it leads nowhere. */
function jsonTextAt(text: string, path: readonly string[]): string | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return text;
  const children = childrenOf(text);
  // Of members with the same name the last, as `JSON.parse` takes it; items have no name.
  const child = children.findLast(({ key }, index) => (key ?? String(index)) === first);
  return child === undefined ? undefined : jsonTextAt(text.slice(child.start, child.end), rest);
}

/** Whether something in a value is `Written`. */
export function containsRawJson(value: unknown): boolean {
  if (value instanceof RawJson) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(containsRawJson);
}

/** A value in JSON, in which what is `Written` is as it was. */
export function stringifyWithRawJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => stringifyWithRawJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${stringifyWithRawJson(item)}`).join(',')}}`;
}
