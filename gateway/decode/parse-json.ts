import { BadEvent, shown } from './bad-event.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Deeper JSON is nobody's event; it would overflow the stack of whatever walks it. */
const DEPTH = 200;

/**
 * Reads bytes as JSON (RFC 8259: UTF-8, whatever a `charset` says); a byte order mark is dropped, as `TextDecoder`
 * does. Throws a `BadEvent` about `subject`, such as `the body`.
 */
export function parseJson(bytes: Buffer, subject = 'the body'): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new BadEvent(`${subject} is not UTF-8`);
  }
  if (depthOf(text) > DEPTH) throw new BadEvent(`${subject} has arrays or objects more than ${DEPTH} deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadEvent(
      text === ''
        ? `${subject} is empty`
        : `${subject} is not JSON: it starts with ${shown(text.slice(0, 30))}`,
    );
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (quoted && char === '\\') at++;
    else if (!quoted && (char === '{' || char === '[')) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (char === '}' || char === ']')) depth--;
  }
  return deepest;
}
