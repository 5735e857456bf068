import type { KnownDifference } from './differences/known-difference.ts';
import { onlyTheyRefuse } from './differences/only-they-refuse.ts';
import { onlyWeRefuse } from './differences/only-we-refuse.ts';
import { otherEvents } from './differences/other-events.ts';

/** All of them: a discrepancy that none explains is a fault, ours or theirs, that nobody has looked at. */
export const knownDifferences: readonly KnownDifference[] = [
  ...onlyWeRefuse,
  ...onlyTheyRefuse,
  ...otherEvents,
];
