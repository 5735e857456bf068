import { compareNumbers } from '../compare-numbers.ts';
import { isJsonNumber, type JsonNumber, numberText } from '../exact-json.ts';
import type { Dialect } from './dialect.ts';
import { type PathSteps, PatternError } from './pattern-error.ts';

/** Alibaba's dialect: numbers that differ by at most this are equal (RocketMQ EventBridge, NumericOperators). */
const EPSILON = 1e-7;
const MAX_NUMBER = 1e9;

/**
 * Each comparison, applied to the result of `compareNumbers`, and to whether the numbers count as equal. In Alibaba's
 * dialect, `>` and `=` can both be true: 5e-8 is above 0, and also counts as equal to 0.
 */
const comparisons: Readonly<Record<string, (order: number, equal: boolean) => boolean>> = {
  '=': (_order, equal) => equal,
  '!=': (_order, equal) => !equal,
  '>': (order) => order > 0,
  '>=': (order, equal) => order > 0 || equal,
  '<': (order) => order < 0,
  '<=': (order, equal) => order < 0 || equal,
};

/** Compiles `numeric`: one or two comparisons, as in `[">", 0, "<=", 5]`. All of them must hold. */
export function compileNumeric(
  argument: unknown,
  path: PathSteps,
  dialect: Dialect,
): (value: unknown) => boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw new PatternError(
      path,
      'numeric must be an array of 2 or 4 items, as in [">", 0, "<=", 5]',
      argument,
    );
  }
  const tests: ((value: JsonNumber) => boolean)[] = [];
  for (let index = 0; index < argument.length; index += 2) {
    tests.push(compileComparison(argument[index], argument[index + 1], [...path, index], dialect));
  }
  return (value) => isJsonNumber(value) && tests.every((test) => test(value));
}

function compileComparison(
  operator: unknown,
  limit: unknown,
  path: PathSteps,
  dialect: Dialect,
): (value: JsonNumber) => boolean {
  const compare =
    typeof operator === 'string' && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined)
    throw new PatternError(path, 'the comparison must be =, !=, >, >=, < or <=', operator);
  if (dialect === 'aws') {
    if (!isJsonNumber(limit)) throw new PatternError(path, 'the limit must be a number', limit);
  } else if (!isJsonNumber(limit) || !isWithin(limit, MAX_NUMBER)) {
    throw new PatternError(path, 'the limit must be a number from -1e9 to 1e9', limit);
  }
  return (value) => {
    const order = compareNumbers(value, limit);
    return compare(order, order === 0 || (dialect === 'alibaba' && isClose(value, limit)));
  };
}

const isWithin = (number: JsonNumber, max: number): boolean =>
  compareNumbers(number, max) <= 0 && compareNumbers(number, -max) >= 0;

const isClose = (a: JsonNumber, b: JsonNumber): boolean =>
  Math.abs(Number(numberText(a)) - Number(numberText(b))) <= EPSILON;
