import { parseExactJson } from '../../domain/exact-json.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';
import { JsonBudget, MAX_DEPTH, measureJson } from './measure-json.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A JSON text and its parsed value, in which some numbers are an `ExactNumber`. */
export interface ParsedJson {
  readonly value: unknown;
  readonly text: string;
}

/**
 * Parses bytes as JSON, always as UTF-8 (RFC 8259): `charset` is ignored. `TextDecoder` drops a byte order mark.
 * Throws a `BadEvent` whose message starts with `what`, such as `the body`. All texts of one request share a `budget`.
 */
export function parseJson(bytes: Buffer, what = 'the body', budget = new JsonBudget()): ParsedJson {
  const measure = measureJson(bytes);
  if (measure.depth > MAX_DEPTH)
    throw new BadEvent(`${what} has arrays or objects nested more than ${MAX_DEPTH} levels deep`);
  budget.add(measure, what);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new BadEvent(`${what} is not UTF-8`);
  }
  try {
    return { value: parseExactJson(text), text };
  } catch {
    throw new BadEvent(
      text === ''
        ? `${what} is empty`
        : `${what} is not JSON: it starts with ${quoteForMessage(text.slice(0, 30))}`,
    );
  }
}

/** A part of a JSON text, from `start` (inclusive) to `end` (exclusive). */
interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A child of a JSON text's outermost array or object. `key` is the name of an object's member. */
export interface JsonChild extends TextRange {
  readonly key: string | undefined;
}

const CLOSING_BRACKETS = new Set(['}', ']']);

/**
 * Returns the children of the outermost array or object of a valid JSON text. Parsing can change numbers (64-bit ids),
 * so callers keep the text of a child.
 */
export function childrenOf(text: string): JsonChild[] {
  const children: JsonChild[] = [];
  let at = skipSpace(text, 0);
  const isObject = text[at] === '{';
  if (!isObject && text[at] !== '[') return children;
  at = skipSpace(text, at + 1);
  while (at < text.length && !CLOSING_BRACKETS.has(text[at] ?? '')) {
    let key: string | undefined;
    if (isObject) {
      const end = endOfString(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      // Skips the colon.
      at = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = endOfValue(text, at);
    children.push({ key, start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return children;
}

/** Returns a member's text. If several members have this name, the last one counts, as in `JSON.parse`. */
export function jsonMemberText(text: string, name: string): string | undefined {
  const found = childrenOf(text).findLast(({ key }) => key === name);
  return found === undefined ? undefined : text.slice(found.start, found.end);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

/** Returns the position after the closing quote of the string that starts at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function endOfValue(text: string, from: number): number {
  if (text[from] === '"') return endOfString(text, from);
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') depth++;
    else if (CLOSING_BRACKETS.has(char)) {
      // This bracket closes the parent. The value before it is a number or a literal.
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (
      depth === 0 &&
      (char === ',' || char === ' ' || char === '\n' || char === '\r' || char === '\t')
    )
      return at;
  }
  return text.length;
}
