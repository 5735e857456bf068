/**
 * The size of a JSON text in values. A parsed value takes more memory than its text. An empty object takes about
 * twenty times as much. A number such as 1.0, which is kept as text, takes about thirty times as much.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { endOfJsonString } from '../../domain/json-bytes.ts';
import { charsetOf, UTF8_CHARSETS } from '../../domain/media-type.ts';
import { BadEvent } from './bad-event.ts';

/** Real events are not nested this deep. Deeper JSON could overflow the stack of recursive functions. */
export const MAX_DEPTH = 200;

/** The maximum number of arrays and objects. */
export const MAX_CONTAINERS = 50_000;

/** The maximum number of members of all objects. A name and its entry in a large object take much memory. */
export const MAX_MEMBERS = 65_000;

/** The maximum number of values of all kinds. */
export const MAX_VALUES = 200_000;

/** The size of a JSON text. */
export interface JsonMeasure {
  /** How deep arrays and objects are nested. */
  readonly depth: number;
  /** The number of arrays and objects. */
  readonly containers: number;
  /** The number of members of all objects. */
  readonly members: number;
  /**
   * At least the number of values. A value is the outermost one, the first in an array or object, or the next one after
   * a comma.
   */
  readonly values: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Measures a JSON text in UTF-8 without parsing it. For other bytes, the numbers mean nothing. */
export function measureJson(bytes: Uint8Array): JsonMeasure {
  let depth = 0;
  let deepest = 0;
  let containers = 0;
  let commas = 0;
  let members = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfJsonString(bytes, at);
    else if (byte === COMMA) commas++;
    else if (byte === COLON) members++;
    else if (byte === 0x5b || byte === 0x7b) {
      containers++;
      deepest = Math.max(deepest, ++depth);
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return { depth: deepest, containers, members, values: 1 + containers + commas };
}

/** The sizes of all JSON texts of one request: the body, and payloads that are base64 in it. */
export class JsonBudget {
  #texts = 0;
  #containers = 0;
  #members = 0;
  #values = 0;

  /** Adds a text. Throws `BadEvent` (413) if the request then exceeds a limit. */
  add({ containers, members, values }: JsonMeasure, what: string): void {
    const subject = this.#texts++ === 0 ? what : 'the request';
    const check = (count: number, limit: number, unit: string): void => {
      if (count <= limit) return;
      throw new BadEvent(`${subject} has ${count} ${unit}; allowed: at most ${limit}`, { status: 413 });
    };
    this.#containers += containers;
    this.#members += members;
    this.#values += values;
    check(this.#containers, MAX_CONTAINERS, 'arrays and objects');
    check(this.#members, MAX_MEMBERS, 'members');
    check(this.#values, MAX_VALUES, 'values');
  }
}

/** `measureJson` does not see values in base64 or in other charsets. The weight of such a body is its size times this. */
const HIDDEN_FACTOR = 4;

/**
 * A body with base64 has one of these texts. An escape such as `\u0061` can hide the name `data_base64`. The attribute
 * `datacontentencoding` of version 0.3 can be a header, too.
 */
const BASE64_MARKS = ['base64', 'datacontentencoding', '\\u'];

/**
 * Returns the weight of a body in a queue. `capacity` is the capacity of the queue, and also the size of the largest body,
 * in bytes. The weight is the size in bytes, or more if the body has many values, because parsed values take more memory.
 */
export function parsingWeight(
  { body, headers }: { readonly body: Buffer; readonly headers: IncomingHttpHeaders },
  capacity: number,
): number {
  const isHidden =
    BASE64_MARKS.some((mark) => body.includes(mark)) ||
    headers['ce-datacontentencoding'] !== undefined ||
    !UTF8_CHARSETS.has(charsetOf(headers['content-type']));
  const { containers, members, values } = measureJson(body);
  const share = Math.max(containers / MAX_CONTAINERS, members / MAX_MEMBERS, values / MAX_VALUES);
  const bytes = isHidden ? Math.min(capacity, HIDDEN_FACTOR * body.length) : body.length;
  return Math.max(body.length, bytes, Math.ceil(Math.min(1, share) * capacity));
}
