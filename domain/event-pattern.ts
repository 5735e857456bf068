/**
 * EventBridge's pattern language, with the semantics of Apache RocketMQ EventBridge
 * (common/src/main/java/org/apache/rocketmq/eventbridge/tools/pattern) plus `contains` from Alibaba's documentation.
 * A pattern mirrors the event; fields are ANDed, the items of a field's array are ORed.
 */
import {
  type Condition,
  compileCondition,
  isObject,
  PatternError,
  pathText,
} from './event-pattern/condition.ts';

export { type PathSteps, PatternError, pathText } from './event-pattern/condition.ts';

/** One field of a pattern: where it is, what it asks for, and the conditions of which one must hold. */
interface Field {
  readonly keys: readonly string[];
  readonly path: string;
  readonly expected: unknown;
  readonly conditions: readonly Condition[];
}

/** A pattern that was checked; `parsePattern` makes one. */
export interface Pattern {
  readonly fields: readonly Field[];
}

/** The first field that an event does not match; `actual` is undefined when the event has no such field. */
export interface Mismatch {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Checks a pattern, and answers it with all mistakes that it has; it may be used only when there are none. The empty
 * pattern `{}` matches every event.
 */
export function parsePattern(pattern: unknown): Pattern & { readonly mistakes: readonly PatternError[] } {
  const found: ParsedPattern = { fields: [], mistakes: [] };
  if (!isObject(pattern)) found.mistakes.push(new PatternError([], 'a pattern must be an object', pattern));
  else {
    for (const [name, value] of Object.entries(pattern)) {
      if (name === 'data') collectData(value, [name], found);
      else collectAttribute(name, value, found);
    }
  }
  return found;
}

/** Whether the event, as its JSON format's object with parsed `data`, matches every field of the pattern. */
export function matches(pattern: Pattern, event: unknown): boolean {
  return pattern.fields.every((field) => fieldMatches(field, valueAt(event, field.keys)));
}

/** The first field, in the pattern's order, that the event does not match; undefined when the event matches. */
export function firstMismatch(pattern: Pattern, event: unknown): Mismatch | undefined {
  for (const field of pattern.fields) {
    const actual = valueAt(event, field.keys);
    if (!fieldMatches(field, actual)) return { path: field.path, expected: field.expected, actual };
  }
  return undefined;
}

function fieldMatches(field: Field, value: unknown): boolean {
  return field.conditions.some((condition) => condition(value));
}

interface ParsedPattern {
  readonly fields: Field[];
  readonly mistakes: PatternError[];
}

function collectAttribute(name: string, value: unknown, found: ParsedPattern): void {
  const wrong = 'a top-level key must be "data" or the name of a CloudEvents attribute';
  if (!/^[a-z0-9]+$/.test(name)) found.mistakes.push(new PatternError([name], wrong, name));
  else if (Array.isArray(value)) collectLeaf([name], value, found);
  else found.mistakes.push(new PatternError([name], 'the value of an attribute must be an array', value));
}

function collectData(value: unknown, keys: readonly string[], found: ParsedPattern): void {
  if (Array.isArray(value) && keys.length > 1) {
    collectLeaf(keys, value, found);
    return;
  }
  if (!isObject(value)) {
    const wanted = keys.length > 1 ? 'the value must be an array or an object' : '"data" must be an object';
    found.mistakes.push(new PatternError(keys, wanted, value));
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0)
    found.mistakes.push(new PatternError(keys, 'an object must name at least one field', value));
  for (const [name, inner] of entries) collectData(inner, [...keys, name], found);
}

function collectLeaf(keys: readonly string[], items: readonly unknown[], found: ParsedPattern): void {
  if (items.length === 0)
    found.mistakes.push(new PatternError(keys, 'the array of allowed values must not be empty', items));
  const conditions = items.flatMap((item, index) => {
    try {
      return [compileCondition(item, [...keys, index])];
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      found.mistakes.push(error);
      return [];
    }
  });
  found.fields.push({ keys, path: pathText(keys), expected: items, conditions });
}

/** Only own fields of plain objects count: an array on the way is a missing field, as JSONPath has it. */
function valueAt(event: unknown, keys: readonly string[]): unknown {
  let value = event;
  for (const key of keys) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
