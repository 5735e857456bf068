import type { Archive } from '../../domain/unzip/archive.ts';
import type { ClaimingRun } from '../../domain/unzip/claim.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { claimsOfClosedRuns } from './claim-destination.ts';
import { removeOtherLists, storePreviousKeys } from './previous-keys.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/**
 * Runs before the first write. Collects the keys that earlier runs have written, also for earlier versions of the
 * archive. Stores them in an object of this run. Deletes the old manifest, so that no consumer reads a mix of two
 * versions as a complete one. Then deletes the lists of the earlier runs.
 */
export function begin(
  deps: UnzipDeps,
  { archive, runId, run }: { archive: Archive; runId: string; run?: ClaimingRun },
): Promise<void> {
  return withHeartbeat(
    () => 'collecting the keys of earlier runs',
    async (signal) => {
      const closedRunClaims = run === undefined ? [] : await claimsOfClosedRuns(deps, archive, run, signal);
      const previous = await storePreviousKeys(deps, { archive, runId, closedRunClaims }, signal);
      await deps.store.remove(archive.bucket, [archive.manifest], signal);
      if (run !== undefined) await removeOtherLists(deps, archive, { ...previous, closedRunClaims }, signal);
    },
  );
}
