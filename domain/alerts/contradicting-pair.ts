import { type Clause, type ConditionNode, defaultMinSeverity, type When } from './condition-nodes.ts';

/** Returns the indexes of two items that are never true together, if this is easy to see. */
export function contradictingPair(
  items: readonly ConditionNode[],
): readonly [first: number, second: number] | undefined {
  for (const [first, one] of items.entries())
    for (const [second, other] of items.entries())
      if (first < second && (exclude(one, other) || exclude(other, one))) return [first, second];
  return undefined;
}

function exclude(one: ConditionNode, other: ConditionNode): boolean {
  const [denied, alsoDenied] = [deniedClause(one), deniedClause(other)];
  // For example, if the maximum of a day is not above 5, its minimum is below 10. So "not above 5" and "not below 10"
  // are never true together.
  if (denied !== undefined && alsoDenied !== undefined)
    return 'tMaxAbove' in denied && 'tMinBelow' in alsoDenied && denied.tMaxAbove < alsoDenied.tMinBelow;
  if (!isClause(one)) return false;
  if (alsoDenied !== undefined) return implies(one, alsoDenied);
  return 'textIn' in one && 'textIn' in other && areDifferentTexts(one, other);
}

const isClause = (node: ConditionNode): node is Clause =>
  !('any' in node) && !('all' in node) && !('not' in node);

/** Returns the clause inside `not`. */
const deniedClause = (node: ConditionNode): Clause | undefined =>
  'not' in node && isClause(node.not) ? node.not : undefined;

/** Checks whether the second clause is true whenever the first is. May miss some of these pairs. */
function implies(one: Clause, other: Clause): boolean {
  if ('cat' in one) {
    if (!('cat' in other) || one.cat !== other.cat) return false;
    const least = defaultMinSeverity(one.cat);
    return (one.minSev ?? least) >= (other.minSev ?? least) && covers(other, one);
  }
  if ('tMinBelow' in one) return 'tMinBelow' in other && one.tMinBelow <= other.tMinBelow;
  if ('tMaxAbove' in one) return 'tMaxAbove' in other && one.tMaxAbove >= other.tMaxAbove;
  if ('tDrop' in one)
    return 'tDrop' in other && (one.of ?? 'max') === (other.of ?? 'max') && one.tDrop >= other.tDrop;
  if ('windAtLeast' in one)
    return 'windAtLeast' in other && one.windAtLeast >= other.windAtLeast && covers(other, one);
  if ('textIn' in one)
    return 'textIn' in other && one.textIn.every((text) => isIn(other.textIn, text)) && covers(other, one);
  return 'textContains' in other && one.textContains.includes(other.textContains) && covers(other, one);
}

interface Timed {
  readonly when?: When;
}

/** Checks whether the first clause looks wherever the second one looks. */
const covers = ({ when = 'any' }: Timed, { when: narrow = 'any' }: Timed): boolean =>
  when === 'any' || when === narrow;

/** Day and night each have one text. It cannot be in two lists that have no text in common. */
const areDifferentTexts = (
  one: { readonly textIn: readonly string[] } & Timed,
  other: { readonly textIn: readonly string[] } & Timed,
): boolean =>
  (one.when === 'day' || one.when === 'night') &&
  one.when === other.when &&
  !one.textIn.some((text) => isIn(other.textIn, text));

/** The lists of texts as sets. All pairs of clauses are compared, so searching the lists themselves would take seconds. */
const textSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function isIn(texts: readonly string[], text: string): boolean {
  const set = textSets.get(texts) ?? new Set(texts);
  textSets.set(texts, set);
  return set.has(text);
}
