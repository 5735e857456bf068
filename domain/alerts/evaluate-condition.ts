import { pathText } from '../event-pattern/pattern-error.ts';
import type { DayForecast } from '../weather/forecast.ts';
import type { Severity } from '../weather/phenomena.ts';
import type { Clause, Condition, ConditionNode } from './condition-nodes.ts';
import { type ClauseFinding, evaluateClause, type Forecasts, highest } from './evaluate-clause.ts';
import { anyOf, opposite, type Truth } from './truth.ts';

/** The result of one clause of a condition. */
export interface ClauseResult extends ClauseFinding {
  /** Where the clause is in the condition: `any[0]`. `condition` if the condition is this one clause. */
  readonly id: string;
  readonly clause: Clause;
}

/** What a message is about. Two forecasts with the same decision need no second message. */
export interface Decision {
  /** The ids of the clauses that make the condition true. Empty if it is not true. */
  readonly matched: readonly string[];
  /** The maximum of the matched clauses. */
  readonly severity: Severity;
}

export interface ConditionEvaluation {
  readonly result: Truth;
  /** All clauses, in the order of the condition. */
  readonly clauses: readonly ClauseResult[];
  readonly decision: Decision;
}

/**
 * Evaluates a condition on a day's forecast. `today` is the forecast of the day before, for `tDrop`. One true item
 * makes `any` true, and one false item makes `all` false, even if other items are unknown.
 */
export function evaluateCondition(
  condition: Condition,
  day: DayForecast,
  today?: DayForecast,
): ConditionEvaluation {
  const root = evaluateNode(condition, [], { day, today });
  const matched = root.result === true ? reasonsFor(root, true) : [];
  return {
    result: root.result,
    clauses: clausesOf(root),
    decision: {
      matched: matched.map(({ id }) => id),
      severity: highest(matched.map(({ severity }) => severity)),
    },
  };
}

/** A node of a condition with its result. */
type Evaluated =
  | (ClauseResult & { readonly kind: 'clause' })
  | { readonly kind: 'any' | 'all' | 'not'; readonly result: Truth; readonly items: readonly Evaluated[] };

function evaluateNode(
  node: ConditionNode,
  steps: readonly (string | number)[],
  forecasts: Forecasts,
): Evaluated {
  const evaluateAll = (nodes: readonly ConditionNode[], key: string): Evaluated[] =>
    nodes.map((each, index) => evaluateNode(each, [...steps, key, index], forecasts));
  if ('any' in node) {
    const items = evaluateAll(node.any, 'any');
    return { kind: 'any', items, result: anyOf(items.map(({ result }) => result)) };
  }
  if ('all' in node) {
    const items = evaluateAll(node.all, 'all');
    return { kind: 'all', items, result: opposite(anyOf(items.map(({ result }) => opposite(result)))) };
  }
  if ('not' in node) {
    const item = evaluateNode(node.not, [...steps, 'not'], forecasts);
    return { kind: 'not', items: [item], result: opposite(item.result) };
  }
  return {
    kind: 'clause',
    id: pathText(steps) || 'condition',
    clause: node,
    ...evaluateClause(node, forecasts),
  };
}

const clausesOf = (node: Evaluated): readonly ClauseResult[] =>
  node.kind === 'clause' ? [resultOf(node)] : node.items.flatMap(clausesOf);

const resultOf = ({ id, clause, result, decidedBy, severity }: ClauseResult): ClauseResult => ({
  ...{ id, clause, result, decidedBy, severity },
});

/** Returns the clauses that cause the result of a node. Inside `not`, these are the false clauses. */
function reasonsFor(node: Evaluated, result: boolean): readonly ClauseResult[] {
  if (node.kind === 'clause') return [node];
  const wanted = node.kind === 'not' ? !result : result;
  return node.items.filter((item) => item.result === wanted).flatMap((item) => reasonsFor(item, wanted));
}
