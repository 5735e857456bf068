import type { Ask } from './ask-chunk.ts';

/**
 * Which asks have no call where only so many are left: first those that were made in vain most often, and last the ones
 * never made, of which the last go first. One for which a call is set aside already needs none.
 */
export function leftOut(asks: readonly Ask[], calls: number): ReadonlySet<Ask> {
  const needing = asks.filter(({ countedOn }) => countedOn === undefined);
  return new Set(needing.sort((one, other) => one.tries - other.tries).slice(Math.max(0, calls)));
}
