import { seededRandom } from '../../faults/seeded-random.ts';

/** Returns a generator of numbers in [0, 1), seeded by the names: the same names give the same numbers. */
export function randomOf(...names: readonly (string | number)[]): () => number {
  let seed = 0x811c_9dc5;
  for (const character of names.join(' ')) seed = Math.imul(seed ^ character.charCodeAt(0), 0x0100_0193);
  const next = seededRandom(seed);
  // Similar seeds give similar first numbers, so the first one is dropped.
  next();
  return next;
}

/** Picks one item, with a probability proportional to its weight. */
export function pickWeighted<T>(
  chance: () => number,
  from: readonly (readonly [weight: number, item: T])[],
): T | undefined {
  const totalWeight = from.reduce((sum, [weight]) => sum + weight, 0);
  let remaining = chance() * totalWeight;
  for (const [weight, item] of from) {
    remaining -= weight;
    if (remaining < 0) return item;
  }
  return from.at(-1)?.[1];
}

/** Picks one item, all equally likely. */
export function pickUniform<T>(chance: () => number, from: readonly T[]): T | undefined {
  return from[Math.floor(chance() * from.length)];
}
