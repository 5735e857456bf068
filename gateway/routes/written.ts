import { childrenOf } from '../decode/json-text.ts';

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
export function textAt(text: string, path: readonly string[]): string | undefined {
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
