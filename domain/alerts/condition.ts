import { isObject, type PathSteps, pathText, shortJson } from '../event-pattern/pattern-error.ts';
import { CATEGORIES } from '../weather/phenomena.ts';
import { type Condition, type ConditionNode, isHarmless } from './condition-nodes.ts';
import { contradictingPair } from './contradicting-pair.ts';

export {
  type AlertCategory,
  type Clause,
  type Condition,
  type ConditionNode,
  DEFAULT_CONDITION,
  type When,
} from './condition-nodes.ts';

/** A mistake in a condition. */
export interface ConditionProblem {
  /** The field, as in `any[2].minSev`. '' is the whole condition. */
  readonly path: string;
  readonly steps: PathSteps;
  /** The problem without the path: `is 9; allowed: a whole number from 0 to 5`. */
  readonly problem: string;
}

export interface CheckedCondition {
  /** Undefined if there are problems. */
  readonly condition: Condition | undefined;
  readonly problems: readonly ConditionProblem[];
}

/** How many `any`, `all` and `not` can be inside each other. */
const MAX_DEPTH = 8;
const MAX_NODES = 100;
const MAX_TEXTS = 100;
const MAX_TEXT_LENGTH = 40;

interface Checker {
  readonly problems: ConditionProblem[];
  /** The number of conditions so far, clauses and `any`, `all` and `not`. */
  nodes: number;
}

/**
 * Checks a condition, as parsed from JSON. Never throws. A condition that can never match is a problem too. Only
 * obvious cases are found: an empty list, a value out of range, and an `all` whose items exclude each other.
 */
export function checkCondition(value: unknown): CheckedCondition {
  const checker: Checker = { problems: [], nodes: 0 };
  if (isObject(value) && value.v !== 1) rejectValue(checker, ['v'], value.v, '1');
  checkNode(value, [], checker, 0);
  const { problems, nodes } = checker;
  if (nodes > MAX_NODES) addProblem(checker, [], `has more than ${MAX_NODES} conditions`);
  return { condition: problems.length === 0 ? (value as Condition) : undefined, problems };
}

function addProblem({ problems }: Checker, steps: PathSteps, problem: string): void {
  problems.push({ path: pathText(steps), steps, problem });
}

function rejectValue(checker: Checker, steps: PathSteps, value: unknown, allowed: string): void {
  const shown = value === undefined ? 'missing' : shortJson(value);
  addProblem(checker, steps, `is ${shown}; allowed: ${allowed}`);
}

/** A rule for the value of a field. */
interface Rule {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
}

const numberRule = (from: number, to: number): Rule => ({
  allowed: `a number from ${from} to ${to}`,
  accepts: (value) => typeof value === 'number' && value >= from && value <= to,
});

const integerRule = (from: number, to: number): Rule => ({
  allowed: `a whole number from ${from} to ${to}`,
  accepts: (value) => Number.isInteger(value) && numberRule(from, to).accepts(value),
});

const oneOf = (...values: readonly string[]): Rule => ({
  allowed: values.join(', '),
  accepts: (value) => values.some((each) => each === value),
});

const TEXT_RULE: Rule = {
  allowed: `a text of 1 to ${MAX_TEXT_LENGTH} characters`,
  accepts: (value) => typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT_LENGTH,
};

const TEXTS_RULE: Rule = {
  allowed: `a list of 1 to ${MAX_TEXTS} texts, each with 1 to ${MAX_TEXT_LENGTH} characters`,
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= MAX_TEXTS && value.every(TEXT_RULE.accepts),
};

const WHEN = { when: oneOf('day', 'night', 'any') };

/**
 * The rules of each kind of clause. The key is the field that all clauses of this kind have. The value has the rules of
 * all their fields.
 */
const CLAUSE_RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  cat: { cat: oneOf(...CATEGORIES.filter((each) => each !== 'unknown')), minSev: integerRule(0, 5), ...WHEN },
  // Nowhere on Earth was a day colder than -90 or hotter than 60.
  tMinBelow: { tMinBelow: numberRule(-90, 60) },
  tMaxAbove: { tMaxAbove: numberRule(-90, 60) },
  tDrop: { tDrop: numberRule(1, 60), of: oneOf('max', 'min'), vs: oneOf('today') },
  windAtLeast: { windAtLeast: integerRule(1, 17), ...WHEN },
  textIn: { textIn: TEXTS_RULE, ...WHEN },
  textContains: { textContains: TEXT_RULE, ...WHEN },
};

const KINDS = ['any', 'all', 'not', ...Object.keys(CLAUSE_RULES)];

/** `depth` is the number of `any`, `all` and `not` around the node. */
function checkNode(value: unknown, steps: PathSteps, checker: Checker, depth: number): void {
  checker.nodes++;
  const object = isObject(value) ? value : {};
  const [kind, ...more] = KINDS.filter((each) => Object.hasOwn(object, each));
  if (kind === undefined || more.length > 0) {
    rejectValue(checker, steps, value, `an object with exactly one of ${KINDS.join(', ')}`);
    return;
  }
  const rules = CLAUSE_RULES[kind];
  checkFieldNames(object, rules === undefined ? [kind] : Object.keys(rules), steps, checker);
  const inside = [...steps, kind];
  if (rules !== undefined) checkClause(object, rules, steps, checker);
  else if (depth === MAX_DEPTH)
    addProblem(checker, inside, `is inside ${MAX_DEPTH} others; allowed: at most ${MAX_DEPTH - 1}`);
  else if (kind === 'not') checkNode(object.not, inside, checker, depth + 1);
  else checkList(kind, object[kind], inside, checker, depth + 1);
}

function checkFieldNames(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  steps: PathSteps,
  checker: Checker,
): void {
  const allowed = steps.length === 0 ? ['v', ...known] : known;
  const [unknown] = Object.keys(value).filter((name) => !allowed.includes(name));
  if (unknown !== undefined)
    addProblem(checker, [...steps, unknown], `is an unknown field; allowed: ${allowed.join(', ')}`);
}

function checkClause(
  value: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, Rule>>,
  steps: PathSteps,
  checker: Checker,
): void {
  for (const [name, { accepts, allowed }] of Object.entries(rules))
    if (Object.hasOwn(value, name) && !accepts(value[name]))
      rejectValue(checker, [...steps, name], value[name], allowed);
  if (isHarmless(value.cat) && typeof value.minSev === 'number' && value.minSev > 0)
    rejectValue(
      checker,
      [...steps, 'minSev'],
      value.minSev,
      `0, because ${value.cat} never has a higher severity`,
    );
}

function checkList(kind: string, value: unknown, steps: PathSteps, checker: Checker, depth: number): void {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_NODES) {
    rejectValue(checker, steps, value, `a list of 1 to ${MAX_NODES} conditions`);
    return;
  }
  const before = checker.problems.length;
  for (const [index, item] of value.entries()) {
    // Each list is short, but lists inside lists could hold very many conditions.
    if (checker.nodes > MAX_NODES) return;
    checkNode(item, [...steps, index], checker, depth);
  }
  if (kind !== 'all' || checker.problems.length > before) return;
  const pair = contradictingPair(value as readonly ConditionNode[]);
  if (pair === undefined) return;
  const [one, other] = pair.map((index) => pathText([...steps, index]));
  addProblem(checker, steps, `can never match, because ${one} and ${other} exclude each other`);
}
