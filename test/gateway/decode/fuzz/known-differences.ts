import type { KnownDifference } from './differences/known-difference.ts';
import { onlyPackageRejects } from './differences/only-package-rejects.ts';
import { onlySluiceRejects } from './differences/only-sluice-rejects.ts';
import { otherEvents } from './differences/other-events.ts';

/** All known differences. A discrepancy that none of them explains is an unknown bug of Sluice or of the package. */
export const knownDifferences: readonly KnownDifference[] = [
  ...onlySluiceRejects,
  ...onlyPackageRejects,
  ...otherEvents,
];
