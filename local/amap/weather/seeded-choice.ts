import { seededRandom } from '../../faults/seeded-random.ts';

/** Numbers from 0 up to and without 1 in a row of which each comes from the names it is for: the same ones every time. */
export function randomOf(...names: readonly (string | number)[]): () => number {
  let seed = 0x811c_9dc5;
  for (const character of names.join(' ')) seed = Math.imul(seed ^ character.charCodeAt(0), 0x0100_0193);
  const next = seededRandom(seed);
  // Seeds that differ in little begin with numbers that do.
  next();
  return next;
}

/** One of several, each as likely as its weight. */
export function pickWeighted<T>(
  chance: () => number,
  from: readonly (readonly [weight: number, each: T])[],
): T | undefined {
  const all = from.reduce((sum, [weight]) => sum + weight, 0);
  let at = chance() * all;
  for (const [weight, each] of from) {
    at -= weight;
    if (at < 0) return each;
  }
  return from.at(-1)?.[1];
}

/** One of several that are equally likely. */
export function pickUniform<T>(chance: () => number, from: readonly T[]): T | undefined {
  return from[Math.floor(chance() * from.length)];
}
