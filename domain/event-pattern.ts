/**
 * EventBridge's pattern language, with the semantics of Apache RocketMQ EventBridge
 * (common/src/main/java/org/apache/rocketmq/eventbridge/tools/pattern) plus `contains` from Alibaba's documentation.
 * A pattern has the structure of the event. An event must match all fields, and one item of each field's array.
 */
import {
  type Condition,
  compileCondition,
  isObject,
  PatternError,
  pathText,
} from './event-pattern/condition.ts';

export { type PathSteps, PatternError, pathText } from './event-pattern/condition.ts';

/** One field of a pattern: its path, its allowed values, and their conditions. At least one condition must hold. */
interface Field {
  readonly keys: readonly string[];
  readonly path: string;
  readonly expected: unknown;
  readonly conditions: readonly Condition[];
}

/** A validated pattern, made by `parsePattern`. */
export interface Pattern {
  readonly fields: readonly Field[];
}

/** The first field that an event does not match; `actual` is undefined if the event has no such field. */
export interface Mismatch {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Parses a pattern and returns it with all its mistakes. Use the pattern only if it has no mistakes. The empty pattern
 * `{}` matches every event.
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

/** Checks whether an event, as an object in the JSON format with parsed `data`, matches every field of the pattern. */
export function matches(pattern: Pattern, event: unknown): boolean {
  return pattern.fields.every((field) => fieldMatches(field, valueAt(event, field.keys)));
}

/** Returns the first field, in the pattern's order, that the event does not match; undefined if the event matches. */
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
    const problem = keys.length > 1 ? 'the value must be an array or an object' : '"data" must be an object';
    found.mistakes.push(new PatternError(keys, problem, value));
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

/** Returns the value at `keys`. Arrays and inherited fields on the path count as missing, as in JSONPath. */
function valueAt(event: unknown, keys: readonly string[]): unknown {
  let value = event;
  for (const key of keys) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
