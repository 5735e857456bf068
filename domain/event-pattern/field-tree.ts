import type { Condition } from './condition.ts';
import { type Field, valueAt } from './field.ts';
import { isObject, isScalar, pathText } from './pattern-error.ts';

/** The fields of a pattern by their keys, so that fields inside the same array are matched with the same element. */
export interface FieldTree {
  readonly leaves: readonly Leaf[];
  readonly branches: ReadonlyMap<string, FieldTree>;
}

interface Leaf extends Pick<Field, 'keys' | 'conditions'> {
  readonly key: string;
}

export function buildTree(fields: readonly Field[], depth = 0): FieldTree {
  const deeper = new Map<string, Field[]>();
  for (const field of fields) {
    const key = field.keys[depth] ?? '';
    if (field.keys.length > depth + 1) deeper.set(key, [...(deeper.get(key) ?? []), field]);
  }
  return {
    leaves: fields
      .filter(({ keys }) => keys.length === depth + 1)
      .map(({ keys, conditions }) => ({ key: keys[depth] ?? '', keys, conditions })),
    branches: new Map([...deeper].map(([key, inside]) => [key, buildTree(inside, depth + 1)])),
  };
}

/**
 * Checks whether an event matches all fields. A path may lead through arrays: then one object of each array must match
 * all fields below it. A condition that accepts a missing value, such as `exists: false`, is checked against the whole
 * event: no element of an array may have a value at the path.
 */
export const matchesTree = (tree: FieldTree, event: unknown): boolean =>
  matchesValue(tree, event, createIsMissing(event));

/** Returns true if the whole event has no value at the path of a leaf. */
type IsMissing = (leaf: Leaf) => boolean;

/** Looks for each leaf only once, because an array may have many elements. */
function createIsMissing(event: unknown): IsMissing {
  const known = new Map<Leaf, boolean>();
  return (leaf) => {
    const missing = known.get(leaf) ?? !hasScalar(valueAt(event, leaf.keys, true));
    known.set(leaf, missing);
    return missing;
  };
}

function matchesValue(tree: FieldTree, value: unknown, isMissing: IsMissing): boolean {
  if (!Array.isArray(value)) return matchesObject(tree, isObject(value) ? value : {}, isMissing);
  const objects = objectsIn(value);
  return objects.length === 0
    ? matchesObject(tree, {}, isMissing)
    : objects.some((object) => matchesObject(tree, object, isMissing));
}

function matchesObject(
  { leaves, branches }: FieldTree,
  object: Readonly<Record<string, unknown>>,
  isMissing: IsMissing,
): boolean {
  const fieldOf = (key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
  return (
    leaves.every((leaf) => leafMatches(leaf, fieldOf(leaf.key), isMissing)) &&
    [...branches].every(([key, inside]) => matchesValue(inside, fieldOf(key), isMissing))
  );
}

function leafMatches(leaf: Leaf, value: unknown, isMissing: IsMissing): boolean {
  const acceptsMissing = (condition: Condition): boolean => condition(undefined);
  return leaf.conditions.some((condition) =>
    acceptsMissing(condition) ? isMissing(leaf) : condition(value),
  );
}

const hasScalar = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(hasScalar) : isScalar(value);

/** Returns the objects in an array, and in the arrays inside it. */
const objectsIn = (array: readonly unknown[]): Readonly<Record<string, unknown>>[] =>
  array.flatMap((item) => (Array.isArray(item) ? objectsIn(item) : isObject(item) ? [item] : []));

/**
 * Describes an array in which each field matches some element, but no element matches all of them: its path, what one
 * element must match, and the array.
 */
export function describeArrayMismatch(fields: readonly Field[], event: unknown) {
  const arrayKeys = fields
    .flatMap(({ keys }) => keys.map((_key, index) => keys.slice(0, index + 1)))
    .find((keys) => Array.isArray(valueAt(event, keys, false)) && isPrefixOfSeveral(keys, fields)) ?? [
    'data',
  ];
  const below = fields.filter(({ keys }) => arrayKeys.every((key, index) => keys[index] === key));
  return {
    path: pathText(arrayKeys),
    expected: Object.fromEntries(below.map(({ path, expected }) => [path, expected])),
    actual: valueAt(event, arrayKeys, false),
  };
}

const isPrefixOfSeveral = (prefix: readonly string[], fields: readonly Field[]): boolean =>
  fields.filter(
    ({ keys }) => keys.length > prefix.length && prefix.every((key, index) => keys[index] === key),
  ).length > 1;
