import type { Archive } from '../../domain/unzip/archive.ts';
import { type ClaimingRun, FolderSet } from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import { claimForDeletion } from './claim-destination.ts';
import { listedByOthers } from './other-manifests.ts';
import { previousKeys } from './previous-keys.ts';
import type { ClaimDeps } from './stored-claims.ts';

const DELETE_AFTER_KEYS = 10_000;

interface Deletion {
  readonly archive: Archive;
  readonly runId: string;
  /** The run that has claimed the destination. Absent in runs that an earlier version of Sluice started. */
  readonly run: ClaimingRun | undefined;
  /** The keys that this run has written. */
  readonly newKeys: KeySet;
}

/**
 * Deletes the objects that earlier runs have written and this run has not. Keeps objects outside the destination,
 * objects in the destinations of open runs, and objects that the manifests of other archives list. Also keeps an object
 * whose key has the same hash as one of the keys to keep.
 */
export async function deleteObsolete(
  deps: ClaimDeps,
  { newKeys, ...ofRun }: Deletion,
  signal: AbortSignal,
): Promise<void> {
  const { store } = deps;
  const { archive, run } = ofRun;
  const { bucket, destination } = archive;
  const isOld = (key: string): boolean => key.startsWith(destination) && !newKeys.has(key);

  const old = new KeySet();
  const folders = new FolderSet();
  for await (const keys of previousKeys(store, ofRun, signal))
    for (const key of keys.filter(isOld)) {
      old.add(key);
      folders.add(key.slice(destination.length));
    }
  if (old.size === 0) return;

  const taken =
    run === undefined ? [] : await claimForDeletion(deps, { archive, run, folders: folders.list() }, signal);
  // A key that the first pass did not see is kept, because the claim may lack its folder.
  const isDeletable = (key: string): boolean =>
    old.has(key) && isOld(key) && !taken.some((folder) => key.startsWith(folder));
  let listed: KeySet | undefined;
  let obsolete: string[] = [];
  for await (const keys of previousKeys(store, ofRun, signal)) {
    const deletable = keys.filter(isDeletable);
    if (deletable.length === 0) continue;
    listed ??= await listedByOthers(deps, { archive, keys: old }, signal);
    for (const key of deletable) if (!listed.has(key)) obsolete.push(key);
    if (obsolete.length < DELETE_AFTER_KEYS) continue;
    await store.remove(bucket, obsolete, signal);
    obsolete = [];
  }
  await store.remove(bucket, obsolete, signal);
}
