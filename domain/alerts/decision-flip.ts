import type { Decision } from './evaluate-condition.ts';

/**
 * Checks whether a decision is the opposite of the delivered one: matched instead of unmatched, or unmatched instead of
 * matched. Other clauses or another severity are no flip.
 */
export const isDecisionFlip = (delivered: Decision, current: Decision): boolean =>
  isMatched(delivered) !== isMatched(current);

const isMatched = ({ matched }: Decision): boolean => matched.length > 0;
