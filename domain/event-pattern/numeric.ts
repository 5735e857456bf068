import { PatternError, type Steps } from './pattern-error.ts';

/** Numbers that are no further apart are equal (RocketMQ EventBridge, NumericOperators). */
const EPSILON = 1e-7;
const LARGEST = 1e9;

/** Each comparison by the sign of value minus limit. */
const comparisons: Readonly<Record<string, (sign: number) => boolean>> = {
  '=': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
};

/** The operator `numeric`: one or two comparisons, as in `[">", 0, "<=", 5]`, both of which must hold. */
export function compileNumeric(argument: unknown, path: Steps): (value: unknown) => boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw new PatternError(path, 'numeric takes an array of 2 or 4 items, as in [">", 0, "<=", 5]', argument);
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < argument.length; index += 2) {
    tests.push(compileComparison(argument[index], argument[index + 1], [...path, index]));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function compileComparison(operator: unknown, limit: unknown, path: Steps): (value: number) => boolean {
  const compare =
    typeof operator === 'string' && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined)
    throw new PatternError(path, 'the comparison must be =, !=, >, >=, < or <=', operator);
  if (typeof limit !== 'number' || !(Math.abs(limit) <= LARGEST)) {
    throw new PatternError(path, 'the limit must be a number from -1e9 to 1e9', limit);
  }
  return (value) => compare(Math.abs(value - limit) <= EPSILON ? 0 : Math.sign(value - limit));
}
