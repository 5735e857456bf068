/**
 * JSON without rounding. `JSON.parse` changes a number with more digits than a double has, such as a 64-bit id. It
 * also changes the text of other numbers, such as 1.50. Numbers are compared by value, and copied by text.
 */

/** A number whose text differs from what JavaScript would write for it. */
export class ExactNumber {
  /** A number as JSON writes it. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** For `JSON.stringify`, which can only write the rounded number. `stringifyExactJson` writes the text. */
  toJSON(): number {
    return Number(this.text);
  }
}

/** A number of a JSON text. */
export type JsonNumber = number | ExactNumber;

export const isJsonNumber = (value: unknown): value is JsonNumber =>
  typeof value === 'number' || value instanceof ExactNumber;

/** Converts the text of a number: to a double if JavaScript writes the double as the same text, otherwise to an `ExactNumber`. */
export function toJsonNumber(text: string): JsonNumber {
  const number = Number(text);
  return String(number) === text ? number : new ExactNumber(text);
}

/** Returns a number's text in JSON. */
export const numberText = (number: JsonNumber): string =>
  typeof number === 'number' ? String(number) : number.text;

/** Parses JSON as `JSON.parse` does, but with `ExactNumber` where it is necessary. Throws `SyntaxError`. */
export function parseExactJson(text: string): unknown {
  if (!hasExactNumber(text)) return JSON.parse(text);
  // `readValue` needs a valid text. The value that this check parses is not kept, because two parsed values at the same time
  // could fill the memory.
  JSON.parse(text);
  return readValue({ text, at: 0 });
}

interface Reader {
  readonly text: string;
  at: number;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;
const SPACE = /[ \t\r\n]*/y;

/** Returns true if a JSON text has a number that needs an `ExactNumber`. */
function hasExactNumber(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at) - 1;
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const token = tokenAt(NUMBER, text, at);
      if (toJsonNumber(token) instanceof ExactNumber) return true;
      at += token.length - 1;
    }
  }
  return false;
}

/** Returns the position after the closing quote of the string that starts at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return text.length;
}

function tokenAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function skipSpace(reader: Reader): void {
  reader.at += tokenAt(SPACE, reader.text, reader.at).length;
}

/** Reads a value of a valid JSON text. */
function readValue(reader: Reader): unknown {
  skipSpace(reader);
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader);
    case '[':
      return readArray(reader);
    case '"':
      return readString(reader);
    case 't':
      reader.at += 4;
      return true;
    case 'f':
      reader.at += 5;
      return false;
    case 'n':
      reader.at += 4;
      return null;
    default: {
      const token = tokenAt(NUMBER, reader.text, reader.at);
      reader.at += token.length;
      return toJsonNumber(token);
    }
  }
}

function readString(reader: Reader): string {
  const end = endOfString(reader.text, reader.at);
  const value = JSON.parse(reader.text.slice(reader.at, end)) as string;
  reader.at = end;
  return value;
}

/** Skips a comma, or the closing bracket of an array or object. Returns true if it was the bracket. */
function endsAfter(reader: Reader): boolean {
  skipSpace(reader);
  return reader.text[reader.at++] !== ',';
}

/** Skips the opening bracket. Returns true, and skips the closing bracket, if the array or object is empty. */
function enterAndIsEmpty(reader: Reader): boolean {
  reader.at++;
  skipSpace(reader);
  const empty = reader.text[reader.at] === ']' || reader.text[reader.at] === '}';
  if (empty) reader.at++;
  return empty;
}

function readArray(reader: Reader): unknown[] {
  const items: unknown[] = [];
  if (enterAndIsEmpty(reader)) return items;
  do items.push(readValue(reader));
  while (!endsAfter(reader));
  // `push` reserves memory for 16 more items. The copy has none.
  return items.slice();
}

function readObject(reader: Reader): object {
  const object: Record<string, unknown> = {};
  if (enterAndIsEmpty(reader)) return object;
  do {
    skipSpace(reader);
    const name = readString(reader);
    skipSpace(reader);
    reader.at++;
    const value = readValue(reader);
    // If several members have the same name, the last one counts.
    if (name === '__proto__') defineMember(object, name, value);
    else object[name] = value;
  } while (!endsAfter(reader));
  return object;
}

/** An assignment to `__proto__` would change the prototype. */
function defineMember(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Returns true if a value contains an `ExactNumber`. */
export function containsExactNumber(value: unknown): boolean {
  if (value instanceof ExactNumber) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(containsExactNumber);
}

/** Serialises a value to JSON as `JSON.stringify` does, but writes the text of an `ExactNumber`. */
export function stringifyExactJson(value: unknown, indent = ''): string {
  const exact = new Set<unknown>();
  if (!collectExact(value, exact)) return JSON.stringify(value, undefined, indent);
  return writeValue(value, { exact, indent }, indent === '' ? '' : '\n');
}

/**
 * Adds all values that are or contain an `ExactNumber`. Returns true if `value` is one of them. This takes linear time. A new
 * search at each level would not.
 */
function collectExact(value: unknown, exact: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let isExact = value instanceof ExactNumber;
  if (!isExact) for (const item of Object.values(value)) isExact = collectExact(item, exact) || isExact;
  if (isExact) exact.add(value);
  return isExact;
}

/** `lineBreak` has the indentation of the current line. It is empty if there are no line breaks. */
function writeValue(
  value: unknown,
  options: { readonly exact: ReadonlySet<unknown>; readonly indent: string },
  lineBreak: string,
): string {
  const { exact, indent } = options;
  if (value instanceof ExactNumber) return value.text;
  if (!exact.has(value)) {
    const text = JSON.stringify(value ?? null, undefined, indent);
    return lineBreak === '' ? text : text.replaceAll('\n', lineBreak);
  }
  const inner = lineBreak === '' ? '' : lineBreak + indent;
  const colon = lineBreak === '' ? ':' : ': ';
  const write = (item: unknown): string => writeValue(item, options, inner);
  if (Array.isArray(value)) return `[${inner}${value.map(write).join(`,${inner}`)}${lineBreak}]`;
  const members = Object.entries(value as object).filter(([, item]) => item !== undefined);
  const texts = members.map(([name, item]) => `${JSON.stringify(name)}${colon}${write(item)}`);
  return `{${inner}${texts.join(`,${inner}`)}${lineBreak}}`;
}
