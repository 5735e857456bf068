import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arbitraryRequest } from './arbitrary-request.ts';
import { type Discrepancy, discrepancies } from './discrepancies.ts';
import { knownDifferences } from './known-differences.ts';
import { type FuzzRequest, viewOf } from './request-view.ts';
import { verdictOfPackage, verdictOfSluice } from './verdicts.ts';

/** Compares the two decoders' verdicts on a request. Returns the differences that no known difference explains. */
export function unknownDifferences(request: FuzzRequest): Discrepancy[] {
  const view = viewOf(request);
  return discrepancies(verdictOfSluice(request), verdictOfPackage(request)).filter(
    (found) => !knownDifferences.some((known) => known.explains(found, view)),
  );
}

/** Throws if a generated request has an unknown difference. The error contains the smallest such request. */
export function assertAgreement({ seed, numRuns }: { seed: number; numRuns: number }): void {
  fc.assert(
    fc.property(arbitraryRequest, (request) => {
      const [found] = unknownDifferences(request);
      assert.ok(found === undefined, `${JSON.stringify(found)} of ${shown(request)}`);
    }),
    { seed, numRuns },
  );
}

const shown = ({ headers, body }: FuzzRequest): string =>
  `${JSON.stringify(headers)} ${JSON.stringify(body.toString())}`;
