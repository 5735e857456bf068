import { canonicalNumberText, compareNumbers } from '../compare-numbers.ts';
import { isJsonNumber, numberText } from '../exact-json.ts';
import { compileCidr } from './cidr.ts';
import type { Dialect } from './dialect.ts';
import { compileNumeric } from './numeric.ts';
import { isObject, isScalar, type PathSteps, PatternError } from './pattern-error.ts';
import { compileText, isTextOperator, TEXT_OPERATORS } from './text.ts';

/** Checks whether a value of an event (undefined: missing) satisfies one item of a pattern's array. */
export type Condition = (value: unknown) => boolean;

/** Tests one value that is neither object nor array. */
type ScalarTest = (value: unknown) => boolean;

const OTHER_OPERATORS = ['anything-but', 'numeric', 'cidr', 'exists'];

/** True if an object with this key is a condition, not a pattern. */
export const isOperator = (key: string): boolean => isTextOperator(key) || OTHER_OPERATORS.includes(key);

/** Compiles one item of a pattern's array: a value to equal, or an object with one operator. */
export function compileCondition(item: unknown, path: PathSteps, dialect: Dialect): Condition {
  const onPresent = dialect === 'aws' ? onAnyElement : onFlatArray;
  if (isScalar(item)) return onPresent(equals(item, dialect));
  if (!isObject(item)) throw new PatternError(path, 'an array inside an array is not allowed', item);
  const [operator, argument] = onlyEntry(item, path);
  const inside = [...path, operator];
  if (operator === 'exists') return compileExists(argument, inside, dialect);
  return onPresent(compileScalarTest(operator, argument, inside, dialect));
}

function compileScalarTest(
  operator: string,
  argument: unknown,
  path: PathSteps,
  dialect: Dialect,
): ScalarTest {
  if (isTextOperator(operator)) return compileText(operator, argument, path, dialect === 'aws');
  switch (operator) {
    case 'anything-but':
      return compileAnythingBut(argument, path, dialect);
    case 'numeric':
      return compileNumeric(argument, path, dialect);
    case 'cidr':
      return compileCidr(argument, path);
    default: {
      const operators = [...TEXT_OPERATORS, ...OTHER_OPERATORS];
      const allowed = `${operators.slice(0, -1).join(', ')} or ${operators.at(-1)}`;
      throw new PatternError(path, `the operator must be ${allowed}`, operator);
    }
  }
}

/** Alibaba's dialect: in an array without nested values, one matching element is enough. Nested values never match. */
const onFlatArray =
  (test: ScalarTest): Condition =>
  (value) => {
    if (Array.isArray(value)) return value.every(isScalar) && value.some(test);
    return isScalar(value) && test(value);
  };

/** AWS's dialect: one matching element of an array or of an array inside it is enough. Objects never match. */
const onAnyElement =
  (test: ScalarTest): Condition =>
  (value) =>
    Array.isArray(value) ? value.some(onAnyElement(test)) : isScalar(value) && test(value);

/**
 * A missing field satisfies `exists: false`. Alibaba's dialect: an object or an empty array satisfies neither `exists:
 * true` nor `exists: false`, because RocketMQ expects a leaf. AWS's dialect: they count as missing.
 */
function compileExists(expected: unknown, path: PathSteps, dialect: Dialect): Condition {
  if (typeof expected !== 'boolean') throw new PatternError(path, 'exists must be true or false', expected);
  if (dialect === 'aws') {
    const hasLeaf = onAnyElement(() => true);
    return (value) => hasLeaf(value) === expected;
  }
  const present = onFlatArray(() => expected);
  return (value) => (value === undefined ? !expected : present(value));
}

/**
 * Compares numbers by value, so 1.0 equals 1. null equals only null. Alibaba's dialect compares all other values as
 * texts, so 300 equals "300". In AWS's dialect, values of different types are different.
 */
function equals(expected: unknown, dialect: Dialect): ScalarTest {
  const expectedTexts = textsOf(expected);
  return (value) => {
    if (value === null || expected === null) return value === expected;
    if (isJsonNumber(value) && isJsonNumber(expected)) return compareNumbers(value, expected) === 0;
    if (dialect === 'aws') return value === expected;
    return textsOf(value).some((text) => expectedTexts.includes(text));
  };
}

/** A number has two texts: the one of its sender, and the one that is the same for all equal numbers. */
const textsOf = (value: unknown): string[] =>
  isJsonNumber(value) ? [numberText(value), canonicalNumberText(value)] : [String(value)];

function compileAnythingBut(argument: unknown, path: PathSteps, dialect: Dialect): ScalarTest {
  const unwanted = compileUnwanted(argument, path, dialect);
  return (value) => !unwanted.some((test) => test(value));
}

function compileUnwanted(argument: unknown, path: PathSteps, dialect: Dialect): ScalarTest[] {
  if (isScalar(argument)) return [equals(argument, dialect)];
  if (Array.isArray(argument)) {
    if (argument.length === 0)
      throw new PatternError(path, 'the list of anything-but must not be empty', argument);
    return argument.map((item: unknown, index) => {
      if (isScalar(item)) return equals(item, dialect);
      throw new PatternError([...path, index], 'a list in anything-but must hold only plain values', item);
    });
  }
  if (!isObject(argument)) {
    const allowed = 'a value, a list of values, or an operator for texts';
    throw new PatternError(path, `anything-but must be ${allowed}`, argument);
  }
  const [operator, text] = onlyEntry(argument, path);
  const inside = [...path, operator];
  if (!isTextOperator(operator)) {
    const allowed = `${TEXT_OPERATORS.slice(0, -1).join(', ')} or ${TEXT_OPERATORS.at(-1)}`;
    throw new PatternError(inside, `inside anything-but the operator must be ${allowed}`, operator);
  }
  if (!Array.isArray(text)) return [compileText(operator, text, inside)];
  if (text.length === 0) throw new PatternError(inside, `the list of ${operator} must not be empty`, text);
  return text.map((item, index) => compileText(operator, item, [...inside, index]));
}

function onlyEntry(object: Readonly<Record<string, unknown>>, path: PathSteps): readonly [string, unknown] {
  const [entry, ...more] = Object.entries(object);
  if (entry === undefined || more.length > 0) {
    throw new PatternError(path, 'a condition must have exactly one operator', object);
  }
  return entry;
}
