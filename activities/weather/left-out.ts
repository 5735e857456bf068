import type { Ask } from './ask-chunk.ts';

/**
 * Which asks have no call where only so many are left: the last of those that were never asked for, and then the last of
 * the others. One for which a call is set aside already needs none.
 */
export function leftOut(asks: readonly Ask[], calls: number): ReadonlySet<Ask> {
  const needing = asks.filter(({ countedOn }) => countedOn === undefined);
  const known = needing.filter(({ tries }) => tries > 0);
  const ofNew = needing.filter(({ tries }) => tries === 0);
  return new Set([...known, ...ofNew].slice(Math.max(0, calls)));
}
