/**
 * Reads members and items of a JSON text in UTF-8 one at a time. A parsed text can need ten times its size on the
 * JavaScript heap, so a large one is not parsed whole.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Returns the position of the closing quote of the string that starts at `from`, or the end of an unfinished string. */
export function endOfJsonString(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at;
  }
  return bytes.length;
}

/**
 * Yields the members of an object: each name, and the bytes of its value. The values are not checked.
 * @throws SyntaxError if the text is not an object
 */
export function* jsonMembers(text: Buffer): Generator<readonly [name: string, value: Buffer]> {
  for (let at = startOf(text, OPEN_BRACE, CLOSE_BRACE); at !== undefined; ) {
    const nameEnd = endOfValue(text, at);
    const name = JSON.parse(text.toString('utf8', at, nameEnd)) as string;
    const valueAt = skipSpace(text, skip(text, nameEnd, COLON));
    const end = endOfValue(text, valueAt);
    yield [name, text.subarray(valueAt, end)];
    at = nextAfter(text, end, CLOSE_BRACE);
  }
}

/**
 * Yields the bytes of each item of an array. The items are not checked.
 * @throws SyntaxError if the text is not an array
 */
export function* jsonItems(text: Buffer): Generator<Buffer> {
  for (let at = startOf(text, OPEN_BRACKET, CLOSE_BRACKET); at !== undefined; ) {
    const end = endOfValue(text, at);
    yield text.subarray(at, end);
    at = nextAfter(text, end, CLOSE_BRACKET);
  }
}

/** Returns the position of the first member or item; undefined if there is none. */
function startOf(text: Buffer, open: number, close: number): number | undefined {
  const at = skipSpace(text, skip(text, 0, open));
  return text[at] === close ? undefined : at;
}

/** Returns the position of the next member or item; undefined after the last one. */
function nextAfter(text: Buffer, end: number, close: number): number | undefined {
  const at = skipSpace(text, end);
  return text[at] === close ? undefined : skipSpace(text, skip(text, at, COMMA));
}

function skipSpace(text: Buffer, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Skips space and this byte. */
function skip(text: Buffer, from: number, byte: number): number {
  const at = skipSpace(text, from);
  if (text[at] !== byte) throw unexpectedAt(at);
  return at + 1;
}

const unexpectedAt = (at: number): SyntaxError =>
  new SyntaxError(`unexpected byte in JSON at position ${at}`);

/** Returns the position after the value that starts at `from`. */
function endOfValue(text: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) at = endOfJsonString(text, at);
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++;
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    else if (depth > 0) continue;
    else if (byte === COMMA || byte === COLON || isSpace(byte)) throw unexpectedAt(at);
    else at = endOfLiteral(text, at) - 1;
    if (depth < 0) break;
    if (depth === 0 && at < text.length) return at + 1;
  }
  throw new SyntaxError('unexpected end of a JSON value');
}

/** Returns the position after the number, boolean or null that starts at `from`. */
function endOfLiteral(text: Buffer, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const byte = text[at];
    if (byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE || isSpace(byte)) break;
  }
  return at;
}
