import type { FieldProblem } from '../../domain/alerts/check-subscription.ts';
import { type PathSteps, pathText } from '../../domain/event-pattern/pattern-error.ts';

export const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Finds the texts of a request that have half of a surrogate pair: `\ud800` in JSON. This is no character, so no store and no
 * receiver can take it. The problems do not have the texts, because a text can be a secret.
 */
export function loneSurrogates(value: unknown, steps: PathSteps = []): FieldProblem[] {
  if (typeof value === 'string') {
    if (!LONE_SURROGATE.test(value)) return [];
    const name = pathText(steps) || 'body';
    return [{ name, detail: `${name} has half of a surrogate pair; allowed: whole characters` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return members.flatMap(([step, member]) => loneSurrogates(member, [...steps, step]));
}
