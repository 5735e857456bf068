import { InvalidInput } from '../../domain/errors.ts';
import { slotStart, slotsOf } from '../../domain/time-slot.ts';
import { instantOf } from '../../domain/time-stamp.ts';
import type { Report } from '../../runtime/schema.ts';
import { childrenOf } from '../decode/json-text.ts';

/** A value from the routes file with `{path}` placeholders in its texts, ready to be filled from an event. */
export interface Template {
  /** The filled value, in which values may be `Written`; throws `InvalidInput` naming the path that the event lacks. */
  fill(seen: Seen): unknown;
}

const BRACES = /\{([^{}]*)\}/g;

/**
 * Compiles a template. A text that is one placeholder keeps the JSON type of its value; `{path?}` may be missing: then a
 * field is left out, and within a longer text nothing is put there. Mistakes are reported, not thrown.
 */
export function compileTemplate(template: unknown, report: Report): Template {
  if (typeof template === 'string') return compileText(template, report);
  if (Array.isArray(template)) {
    const items = template.map((item, index) => compileTemplate(item, inside(index, report)));
    return { fill: (seen) => items.map((item) => item.fill(seen)) };
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([name, value]) => [name, compileTemplate(value, inside(name, report))] as const,
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

const inside =
  (key: string | number, report: Report): Report =>
  (path, message) =>
    report([key, ...path], message);

function compileText(text: string, report: Report): Template {
  if (/[{}]/.test(text.replace(BRACES, '')))
    report([], `${JSON.stringify(text)} has a brace without its pair`);
  const placeholders = [...text.matchAll(BRACES)].map(([, inner = '']) => compilePlaceholder(inner));
  for (const placeholder of placeholders) if (typeof placeholder === 'string') report([], placeholder);
  const sound = placeholders.filter(
    (placeholder): placeholder is Placeholder => typeof placeholder !== 'string',
  );
  const [only] = sound;
  if (only !== undefined && `{${only.text}}` === text) return { fill: (seen) => only.look(seen) };
  return {
    fill: (seen) => {
      let next = 0;
      return text.replace(BRACES, (whole) => {
        const placeholder = sound[next++];
        return placeholder === undefined
          ? whole
          : textOf(placeholder.look(seen), `the event's ${placeholder.path}`);
      });
    },
  };
}

/** What a placeholder's value is within a text, or as an id; a number keeps its digits. */
export function textOf(value: unknown, subject: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (value instanceof Written && /^[-\d]/.test(value.text)) return value.text;
  throw new InvalidInput('TemplateUnfilled', `${subject} is no text, number or boolean`);
}

/** An event as templates see it. */
interface Seen {
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
  look(seen: Seen): unknown;
}

const PLACEHOLDER = /^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(\?)?(?:\|([a-z]+):([^|]*))?$/;

/** Compiles what stands between the braces, or answers a sentence that says what is wrong. */
function compilePlaceholder(text: string): Placeholder | string {
  const [, path = '', optional, filter, parameters = ''] = PLACEHOLDER.exec(text) ?? [];
  if (path === '') return `{${text}} is no path of an event, like {data.order.id}`;
  const look = (seen: Seen): unknown => {
    const value = valueAt(seen.view, path);
    if (value === undefined && optional === undefined)
      throw new InvalidInput('TemplateUnfilled', `the event has no ${path}`);
    return isRounded(value) ? writtenAt(seen, path) : value;
  };
  if (filter === undefined) return { text, path, look };
  if (filter !== 'slot') return `{${text}} has the unknown filter ${JSON.stringify(filter)}; known is slot`;
  const [duration = '', zone = ''] = parameters.split(',').map((part) => part.trim());
  const slots = slotsOf(duration, zone);
  if (typeof slots === 'string') return `{${text}}: ${slots}`;
  return {
    text,
    path,
    look(seen) {
      const value = look(seen);
      if (value === undefined) return undefined;
      const instant = typeof value === 'string' ? instantOf(value) : undefined;
      if (instant === undefined)
        throw new InvalidInput('TemplateUnfilled', `the event's ${path} is no RFC 3339 timestamp`);
      return slotStart(instant, slots);
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

function writtenAt({ dataText }: Seen, path: string): Written {
  const [, ...within] = path.split('.');
  const text = dataText === undefined ? undefined : textAt(dataText, within);
  if (text !== undefined) return new Written(text);
  throw new InvalidInput(
    'TemplateUnfilled',
    `the event's ${path} has a number that is too large to be exact`,
  );
}

/** A JSON value that parsing would change, as it was written. */
export class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Whether parsing may have changed a number of a JSON value: a whole one over 2^53 - 1, as 64-bit ids are, or a huge one. */
export function isRounded(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(isRounded);
}

/** The text of what a path leads to in a JSON text; undefined where it leads nowhere. */
function textAt(text: string, path: readonly string[]): string | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return text;
  const children = childrenOf(text);
  // Of members with the same name the last, as `JSON.parse` takes it; items have no name.
  const child = children.findLast(({ key }, index) => (key ?? String(index)) === first);
  return child === undefined ? undefined : textAt(text.slice(child.start, child.end), rest);
}

/** Whether something in a value is `Written`. */
export function hasWritten(value: unknown): boolean {
  if (value instanceof Written) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasWritten);
}

/** A value in JSON, in which what is `Written` is as it was. */
export function writtenJson(value: unknown): string {
  if (value instanceof Written) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => writtenJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${writtenJson(item)}`).join(',')}}`;
}
