import { BadEvent, shown } from './bad-event.ts';
import { shapeOf } from './json-text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Deeper JSON is nobody's event; it would overflow the stack of whatever walks it. */
const DEPTH = 200;

/** Parsed, an empty object takes twenty times the bytes that it has as text. */
const CONTAINERS = 100_000;

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
  const { depth, containers } = shapeOf(text);
  if (depth > DEPTH) throw new BadEvent(`${subject} has arrays or objects more than ${DEPTH} deep`);
  if (containers > CONTAINERS) {
    const sentence = `${subject} has ${containers} arrays and objects, at most ${CONTAINERS} are taken`;
    throw new BadEvent(sentence, { status: 413 });
  }
  try {
    return { value: JSON.parse(text), text };
  } catch {
    throw new BadEvent(
      text === ''
        ? `${subject} is empty`
        : `${subject} is not JSON: it starts with ${shown(text.slice(0, 30))}`,
    );
  }
}
