import { isIPv4 } from 'node:net';

/** Checks whether a value of an event (undefined: missing) satisfies one item of a pattern's array. */
export type Condition = (value: unknown) => boolean;

/** Tests one value that is neither object nor array. */
type ScalarTest = (value: unknown) => boolean;

/** Compiles one item of a pattern's array: a value to equal, or an object with one operator. */
export function compileCondition(item: unknown, path: PathSteps): Condition {
  if (isScalar(item)) return onPresent(equals(item));
  if (!isObject(item)) throw new PatternError(path, 'an array inside an array is not allowed', item);
  const [operator, argument] = onlyEntry(item, path);
  const inside = [...path, operator];
  if (operator === 'exists') return compileExists(argument, inside);
  return onPresent(compileScalarTest(operator, argument, inside));
}

function compileScalarTest(operator: string, argument: unknown, path: PathSteps): ScalarTest {
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'contains':
      return compileText(operator, argument, path);
    case 'anything-but':
      return compileAnythingBut(argument, path);
    case 'numeric':
      return compileNumeric(argument, path);
    case 'cidr':
      return compileCidr(argument, path);
    default:
      throw new PatternError(
        path,
        'the operator must be prefix, suffix, contains, anything-but, numeric, cidr or exists',
        operator,
      );
  }
}

/** Applies a test to a present value. In an array, one matching element is enough. Nested values never match. */
function onPresent(test: ScalarTest): Condition {
  return (value) => {
    if (Array.isArray(value)) return value.every(isScalar) && value.some(test);
    return isScalar(value) && test(value);
  };
}

/**
 * A missing field satisfies `exists: false`. An object or an empty array never satisfies `exists`, whether it is true
 * or false, because RocketMQ expects a leaf.
 */
function compileExists(expected: unknown, path: PathSteps): Condition {
  if (typeof expected !== 'boolean') throw new PatternError(path, 'exists must be true or false', expected);
  const present = onPresent(() => expected);
  return (value) => (value === undefined ? !expected : present(value));
}

/** Compares values as texts, so 300 equals "300". null equals only null. */
function equals(expected: unknown): ScalarTest {
  return (value) =>
    value === null || expected === null ? value === expected : String(value) === String(expected);
}

function compileText(
  operator: 'prefix' | 'suffix' | 'contains',
  argument: unknown,
  path: PathSteps,
): ScalarTest {
  if (typeof argument !== 'string' || argument === '') {
    throw new PatternError(path, `${operator} must be a non-empty string`, argument);
  }
  const tests = {
    prefix: (text: string) => text.startsWith(argument),
    suffix: (text: string) => text.endsWith(argument),
    contains: (text: string) => text.includes(argument),
  };
  const test = tests[operator];
  return (value) => typeof value === 'string' && test(value);
}

function compileAnythingBut(argument: unknown, path: PathSteps): ScalarTest {
  const unwanted = compileUnwanted(argument, path);
  return (value) => !unwanted.some((test) => test(value));
}

function compileUnwanted(argument: unknown, path: PathSteps): ScalarTest[] {
  if (isScalar(argument)) return [equals(argument)];
  if (Array.isArray(argument)) {
    if (argument.length === 0)
      throw new PatternError(path, 'the list of anything-but must not be empty', argument);
    return argument.map((item: unknown, index) => {
      if (isScalar(item)) return equals(item);
      throw new PatternError([...path, index], 'a list in anything-but must hold only plain values', item);
    });
  }
  if (!isObject(argument)) {
    throw new PatternError(
      path,
      'anything-but must be a value, a list of values, or a prefix or suffix',
      argument,
    );
  }
  const [operator, text] = onlyEntry(argument, path);
  if (operator !== 'prefix' && operator !== 'suffix') {
    throw new PatternError(
      [...path, operator],
      'inside anything-but the operator must be prefix or suffix',
      operator,
    );
  }
  return [compileText(operator, text, [...path, operator])];
}

function compileCidr(argument: unknown, path: PathSteps): ScalarTest {
  const [address = '', bits, ...more] = typeof argument === 'string' ? argument.split('/') : [];
  const length = bits === undefined ? 32 : /^\d{1,2}$/.test(bits) ? Number(bits) : 33;
  if (!isIPv4(address) || length > 32 || more.length > 0) {
    throw new PatternError(path, 'cidr must be an IPv4 address or a block such as 10.0.0.0/24', argument);
  }
  const size = 2 ** (32 - length);
  const block = Math.floor(ipv4ToNumber(address) / size);
  return (value) =>
    typeof value === 'string' && isIPv4(value) && Math.floor(ipv4ToNumber(value) / size) === block;
}

function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function onlyEntry(object: Readonly<Record<string, unknown>>, path: PathSteps): readonly [string, unknown] {
  const [entry, ...more] = Object.entries(object);
  if (entry === undefined || more.length > 0) {
    throw new PatternError(path, 'a condition must have exactly one operator', object);
  }
  return entry;
}

function isScalar(value: unknown): boolean {
  return value !== undefined && (value === null || typeof value !== 'object');
}

/** Numbers that differ by at most this are equal (RocketMQ EventBridge, NumericOperators). */
const EPSILON = 1e-7;
const MAX_NUMBER = 1e9;

/** Each comparison, applied to the sign of value minus limit. */
const comparisons: Readonly<Record<string, (sign: number) => boolean>> = {
  '=': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
};

/** Compiles `numeric`: one or two comparisons, as in `[">", 0, "<=", 5]`. All of them must hold. */
function compileNumeric(argument: unknown, path: PathSteps): (value: unknown) => boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw new PatternError(
      path,
      'numeric must be an array of 2 or 4 items, as in [">", 0, "<=", 5]',
      argument,
    );
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < argument.length; index += 2) {
    tests.push(compileComparison(argument[index], argument[index + 1], [...path, index]));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function compileComparison(operator: unknown, limit: unknown, path: PathSteps): (value: number) => boolean {
  const compare =
    typeof operator === 'string' && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined)
    throw new PatternError(path, 'the comparison must be =, !=, >, >=, < or <=', operator);
  if (typeof limit !== 'number' || !(Math.abs(limit) <= MAX_NUMBER)) {
    throw new PatternError(path, 'the limit must be a number from -1e9 to 1e9', limit);
  }
  return (value) => compare(Math.abs(value - limit) <= EPSILON ? 0 : Math.sign(value - limit));
}

/** Keys and indexes that lead to a value inside another. */
export type PathSteps = readonly (string | number)[];

/** A mistake in a pattern, found when it is parsed. `path` leads to it, as in `data.oss.object.key[0].prefix`. */
export class PatternError extends Error {
  readonly path: string;
  readonly steps: PathSteps;
  /** The problem, without the path. */
  readonly problem: string;

  constructor(steps: PathSteps, problem: string, value: unknown) {
    const path = pathText(steps);
    const whole = `${problem}, got ${shortJson(value)}`;
    super(`pattern ${path || '(whole)'}: ${whole}`);
    this.name = 'PatternError';
    this.path = path;
    this.steps = steps;
    this.problem = whole;
  }
}

/** Returns steps as a text, as in `data.key[0]["a b"]`. Keys that are not plain words are quoted. */
export const pathText = (steps: PathSteps): string =>
  steps.reduce<string>((path, step) => {
    if (path === '' && typeof step === 'string') return step;
    return typeof step === 'string' && /^[\w-]+$/.test(step)
      ? `${path}.${step}`
      : `${path}[${JSON.stringify(step)}]`;
  }, '');

/** Checks whether a value is a JSON object: not an array and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
