import type { Archive } from '../../domain/unzip/archive.ts';
import type { Claim, ClaimingRun } from '../../domain/unzip/claim.ts';
import { ndjson, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { closedClaims } from './claim-destination.ts';
import { keysInRunObject, readManifest } from './listed-keys.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/**
 * Runs before the first write. Collects the keys that earlier runs have written, also for earlier versions of the
 * archive, and stores them in an object of this run. Deletes the old manifest, so that no consumer reads a mix of two
 * versions as a complete one.
 */
export function begin(
  deps: UnzipDeps,
  { archive, runId, run }: { archive: Archive; runId: string; run?: ClaimingRun },
): Promise<void> {
  return withHeartbeat(
    () => 'collecting the keys of earlier runs',
    async (signal) => {
      const closedRunClaims = run === undefined ? [] : await closedClaims(deps, archive, run, signal);
      await storePreviousKeys(deps.store, { archive, runId, closedRunClaims }, signal);
      await deps.store.remove(archive.bucket, [archive.manifest], signal);
    },
  );
}

/**
 * Collects the keys that earlier runs have written, also for earlier versions of the archive. Stores these keys in an
 * object of this run, so that the next run still knows them if this run fails. `closedRunClaims` are the claims of closed
 * runs.
 */
export async function storePreviousKeys(
  store: ObjectStore,
  { archive, runId, closedRunClaims }: { archive: Archive; runId: string; closedRunClaims: readonly Claim[] },
  signal: AbortSignal,
): Promise<Set<string>> {
  const { bucket, manifest, runs: runObjectsPrefix } = archive;
  const ownRunObjects = runObjectKeysOf(runObjectsPrefix, runId);
  const keys = new Set(closedRunClaims.flatMap(({ objects }) => objects ?? []));
  const addAll = (added: readonly string[]): void => {
    for (const key of added) keys.add(key);
  };
  const addRunObjects = async (): Promise<void> => {
    for await (const runObject of store.list(bucket, runObjectsPrefix, signal)) {
      if (!runObject.endsWith('.ndjson') || runObject === ownRunObjects.skipped) continue;
      addAll(await keysInRunObject(store, bucket, runObject, signal));
    }
  };
  // A large manifest refers to run objects. They have the prefix `archive.runs`, so `addRunObjects` reads them.
  const addManifest = async (): Promise<void> => {
    addAll((await readManifest(store, { bucket, key: manifest }, signal))?.objects ?? []);
  };
  await Promise.all([addRunObjects(), addManifest()]);
  if (keys.size > 0) await store.put({ bucket, key: ownRunObjects.previousFiles }, ndjson(keys), signal);
  return keys;
}
