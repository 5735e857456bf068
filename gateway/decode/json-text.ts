import { BadEvent, quoteForMessage } from './bad-event.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Deeper JSON is nobody's event; it would overflow the stack of whatever walks it. */
const MAX_DEPTH = 200;

/** Parsed, an empty object takes twenty times the bytes that it has as text. */
const MAX_CONTAINERS = 100_000;

/** What a text says, and the text itself. */
export interface ParsedJson {
  readonly value: unknown;
  readonly text: string;
}

/**
 * Reads bytes as JSON (RFC 8259: UTF-8, whatever a `charset` says); a byte order mark is dropped, as `TextDecoder`
 * does. Throws a `BadEvent` about `subject`, such as `the body`.
 */
export function parseJson(bytes: Buffer, subject = 'the body'): ParsedJson {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new BadEvent(`${subject} is not UTF-8`);
  }
  const { depth, containers } = measureNesting(text);
  if (depth > MAX_DEPTH) throw new BadEvent(`${subject} has arrays or objects more than ${MAX_DEPTH} deep`);
  if (containers > MAX_CONTAINERS) {
    const sentence = `${subject} has ${containers} arrays and objects, at most ${MAX_CONTAINERS} are taken`;
    throw new BadEvent(sentence, { status: 413 });
  }
  try {
    return { value: JSON.parse(text), text };
  } catch {
    throw new BadEvent(
      text === ''
        ? `${subject} is empty`
        : `${subject} is not JSON: it starts with ${quoteForMessage(text.slice(0, 30))}`,
    );
  }
}

/** A piece of a JSON text: from its first character to behind its last. */
interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Where the children of a JSON text's outermost array or object are; `key` is a member's name. */
export interface JsonChild extends TextRange {
  readonly key: string | undefined;
}

const CLOSED = new Set(['}', ']']);

/** How deep arrays and objects of a JSON text are nested, and how many there are; of what is no JSON, some numbers. */
export function measureNesting(text: string): { readonly depth: number; readonly containers: number } {
  let depth = 0;
  let deepest = 0;
  let containers = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') {
      containers++;
      deepest = Math.max(deepest, ++depth);
    } else if (char === '}' || char === ']') depth--;
  }
  return { depth: deepest, containers };
}

/**
 * The children of the outermost array or object of a text that is known to be JSON. A parsed number may be another
 * than the one that was written (64-bit ids), so what is passed on is the text itself.
 */
export function childrenOf(text: string): JsonChild[] {
  const children: JsonChild[] = [];
  let at = skipSpace(text, 0);
  const isObject = text[at] === '{';
  if (!isObject && text[at] !== '[') return children;
  at = skipSpace(text, at + 1);
  while (at < text.length && !CLOSED.has(text[at] ?? '')) {
    let key: string | undefined;
    if (isObject) {
      const end = endOfString(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      // Over the colon.
      at = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = endOfValue(text, at);
    children.push({ key, start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return children;
}

/** A member's text; of members with the same name the last, as `JSON.parse` takes it. */
export function jsonMemberText(text: string, name: string): string | undefined {
  const found = childrenOf(text).findLast(({ key }) => key === name);
  return found === undefined ? undefined : text.slice(found.start, found.end);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

/** Behind the quote that ends the string which begins at `from`. */
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
    else if (CLOSED.has(char)) {
      // The parent's own, behind a number or a word.
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
