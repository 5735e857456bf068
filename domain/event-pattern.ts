/**
 * EventBridge's pattern language: a pattern has the structure of the event. An event must match all fields, one item of
 * each field's array, and one pattern of each `$or`. The dialect `alibaba` has the semantics of Apache RocketMQ
 * EventBridge (common/src/main/java/org/apache/rocketmq/eventbridge/tools/pattern) plus `contains` from Alibaba's
 * documentation. The dialect `aws` has those of AWS Event Ruler. Both have the operators of both vendors.
 */
import { compileCondition, isOperator } from './event-pattern/condition.ts';
import type { Dialect } from './event-pattern/dialect.ts';
import { type Field, valueAt } from './event-pattern/field.ts';
import { buildTree, describeArrayMismatch, type FieldTree, matchesTree } from './event-pattern/field-tree.ts';
import { isObject, type PathSteps, PatternError, pathText } from './event-pattern/pattern-error.ts';

export { DIALECTS, type Dialect } from './event-pattern/dialect.ts';
export { type PathSteps, PatternError, pathText } from './event-pattern/pattern-error.ts';

/** One `$or`: the event must match all fields of one alternative. */
interface Choice {
  readonly path: string;
  readonly expected: unknown;
  readonly alternatives: readonly (readonly Field[])[];
}

/** A validated pattern, made by `parsePattern`. */
export interface Pattern {
  readonly dialect: Dialect;
  /** The fields outside of every `$or`. */
  readonly fields: readonly Field[];
  readonly choices: readonly Choice[];
  /** AWS's dialect: all fields of each combination of alternatives. Fields inside one array must match one element. */
  readonly trees: readonly FieldTree[];
}

/** The first field that an event does not match; `actual` is undefined if the event has no such field. */
export interface Mismatch {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** With more combinations, matching an event could take long. */
const MAX_COMBINATIONS = 1_000;

/**
 * Parses a pattern and returns it with all its mistakes. Use the pattern only if it has no mistakes. The empty pattern
 * `{}` matches every event.
 */
export function parsePattern(
  pattern: unknown,
  dialect: Dialect = 'alibaba',
): Pattern & { readonly mistakes: readonly PatternError[] } {
  const mistakes: PatternError[] = [];
  const group: Group = { fields: [], choices: [] };
  const parser: Parser = { dialect, mistakes };
  if (isObject(pattern)) collectAttributes(pattern, [], group, parser);
  else mistakes.push(new PatternError([], 'a pattern must be an object', pattern));
  const combinations = combine(group);
  if (combinations === undefined)
    mistakes.push(
      new PatternError([], `a pattern must have at most ${MAX_COMBINATIONS} combinations of $or`, pattern),
    );
  const trees = dialect === 'aws' ? (combinations ?? []).map((fields) => buildTree(fields)) : [];
  return { ...group, dialect, trees, mistakes };
}

/** Checks whether an event, as an object in the JSON format with parsed `data`, matches the pattern. */
export function matches(pattern: Pattern, event: unknown): boolean {
  if (pattern.dialect === 'aws') return pattern.trees.some((tree) => matchesTree(tree, event));
  return (
    fieldsMatch(pattern.fields, event) && pattern.choices.every((choice) => choiceMatches(choice, event))
  );
}

/** Returns the first field, in the pattern's order, that the event does not match; undefined if the event matches. */
export function firstMismatch(pattern: Pattern, event: unknown): Mismatch | undefined {
  const isAws = pattern.dialect === 'aws';
  if (isAws && matches(pattern, event)) return undefined;
  const allMatch = (fields: readonly Field[]): boolean =>
    isAws ? matchesTree(buildTree(fields), event) : fieldsMatch(fields, event);
  const field = pattern.fields.find((each) => !allMatch([each]));
  if (field !== undefined)
    return { path: field.path, expected: field.expected, actual: valueAt(event, field.keys, isAws) };
  const choice = pattern.choices.find(({ alternatives }) => !alternatives.some(allMatch));
  if (choice !== undefined) {
    const fields = choice.alternatives.flat();
    const actual = fields.map(({ path, keys }) => [path, valueAt(event, keys, isAws) ?? null] as const);
    return { path: choice.path, expected: choice.expected, actual: Object.fromEntries(actual) };
  }
  if (!isAws) return undefined;
  // Each field matches some element of an array, but no element matches all of them.
  return describeArrayMismatch(
    [...pattern.fields, ...pattern.choices.flatMap(({ alternatives }) => alternatives.flat())],
    event,
  );
}

/** Checks whether an event matches all fields of the pattern outside of `data`. */
export const attributesMatch = ({ fields, choices }: Pattern, event: unknown): boolean =>
  fieldsMatch(fields.filter(isAttribute), event) &&
  choices.every(({ alternatives }) =>
    alternatives.some((alternative) => fieldsMatch(alternative.filter(isAttribute), event)),
  );

const isAttribute = ({ keys }: Field): boolean => keys[0] !== 'data';

const fieldsMatch = (fields: readonly Field[], event: unknown): boolean =>
  fields.every(({ keys, conditions }) => {
    const value = valueAt(event, keys, false);
    return conditions.some((condition) => condition(value));
  });

const choiceMatches = ({ alternatives }: Choice, event: unknown): boolean =>
  alternatives.some((fields) => fieldsMatch(fields, event));

interface Group {
  readonly fields: Field[];
  readonly choices: Choice[];
}

interface Parser {
  readonly dialect: Dialect;
  readonly mistakes: PatternError[];
}

/** `at` is the path in the pattern, which has the steps `$or` and its indexes. */
function collectAttributes(
  pattern: Readonly<Record<string, unknown>>,
  at: PathSteps,
  group: Group,
  parser: Parser,
): void {
  for (const [name, value] of Object.entries(pattern)) {
    const inside = [...at, name];
    const mistake = (problem: string, actual: unknown): void =>
      void parser.mistakes.push(new PatternError(inside, problem, actual));
    if (name === '$or')
      collectChoice(value, inside, group, parser, (branch, path, inner) =>
        collectAttributes(branch, path, inner, parser),
      );
    else if (name === 'data') collectData(value, { at: inside, keys: [name] }, group, parser);
    else if (!/^[a-z0-9]+$/.test(name))
      mistake('a top-level key must be "data", "$or" or the name of a CloudEvents attribute', name);
    else if (Array.isArray(value)) collectLeaf(value, { at: inside, keys: [name] }, group, parser);
    else mistake('the value of an attribute must be an array', value);
  }
}

/** Where a part of a pattern is: in the pattern, and in the event. */
interface PatternPath {
  readonly at: PathSteps;
  readonly keys: readonly string[];
}

function collectData(value: unknown, path: PatternPath, group: Group, parser: Parser): void {
  const { at, keys } = path;
  if (Array.isArray(value) && keys.length > 1) {
    collectLeaf(value, path, group, parser);
    return;
  }
  if (!isObject(value)) {
    const problem = keys.length > 1 ? 'the value must be an array or an object' : '"data" must be an object';
    parser.mistakes.push(new PatternError(at, problem, value));
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0)
    parser.mistakes.push(new PatternError(at, 'an object must name at least one field', value));
  for (const [name, inner] of entries) {
    const inside = [...at, name];
    if (name === '$or' && isListOfPatterns(inner))
      collectChoice(inner, inside, group, parser, (branch, branchAt, innerGroup) =>
        collectData(branch, { at: branchAt, keys }, innerGroup, parser),
      );
    else collectData(inner, { at: inside, keys: [...keys, name] }, group, parser);
  }
}

/** In data, a field can also have the name `$or`: then its array has values and conditions. */
const isListOfPatterns = (value: unknown): boolean =>
  Array.isArray(value) && value.some((item) => isObject(item) && !Object.keys(item).some(isOperator));

function collectChoice(
  value: unknown,
  at: PathSteps,
  group: Group,
  { mistakes }: Parser,
  collect: (branch: Readonly<Record<string, unknown>>, path: PathSteps, group: Group) => void,
): void {
  if (!Array.isArray(value) || value.length < 2) {
    mistakes.push(new PatternError(at, '$or must be an array of at least two patterns', value));
    return;
  }
  const alternatives: (readonly Field[])[] = [];
  for (const [index, branch] of value.entries()) {
    const inner: Group = { fields: [], choices: [] };
    if (isObject(branch) && Object.keys(branch).length > 0) collect(branch, [...at, index], inner);
    else mistakes.push(new PatternError([...at, index], 'a pattern in $or must name a field', branch));
    alternatives.push(...(combine(inner) ?? []));
  }
  group.choices.push({ path: pathText(at), expected: value, alternatives });
}

/** Returns the fields of each combination of alternatives. Returns undefined if there are too many combinations. */
function combine({ fields, choices }: Group): (readonly Field[])[] | undefined {
  let combinations: (readonly Field[])[] = [fields];
  for (const { alternatives } of choices) {
    if (combinations.length * alternatives.length > MAX_COMBINATIONS) return undefined;
    combinations = combinations.flatMap((before) => alternatives.map((more) => [...before, ...more]));
  }
  return combinations;
}

function collectLeaf(
  items: readonly unknown[],
  { at, keys }: PatternPath,
  group: Group,
  parser: Parser,
): void {
  if (items.length === 0)
    parser.mistakes.push(new PatternError(at, 'the array of allowed values must not be empty', items));
  const conditions = items.flatMap((item, index) => {
    try {
      return [compileCondition(item, [...at, index], parser.dialect)];
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      parser.mistakes.push(error);
      return [];
    }
  });
  group.fields.push({ keys, path: pathText(keys), expected: items, conditions });
}
