import type { Archive } from '../../domain/unzip/archive.ts';
import { archivePath, type Claim, claimKey } from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import { NdjsonLines, PREVIOUS_LIST_BYTES, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import {
  inBatches,
  keysInLines,
  keysInRunObject,
  type ListDeps,
  MAX_RUN_OBJECT_BYTES,
  openManifest,
} from './listed-keys.ts';
import { readClaim } from './stored-claims.ts';

/**
 * Collects the keys that earlier runs have written, also for earlier versions of the archive. Stores these keys in
 * objects of this run, so that the next run still knows them if this run fails. `closedRunClaims` are the claims of closed
 * runs. Returns false if there are no such keys.
 *
 * If two keys have the same hash, only one of them is stored, and an object that the other one names is never deleted. For
 * two million keys, this happens once in ten million times.
 */
export async function storePreviousKeys(
  deps: ListDeps,
  {
    archive,
    runId,
    closedRunClaims,
  }: { archive: Archive; runId: string; closedRunClaims: readonly Pick<Claim, 'runId'>[] },
  signal: AbortSignal,
): Promise<boolean> {
  const { store } = deps;
  const { bucket, manifest, runs: runObjectsPrefix } = archive;
  const { previousFiles, skipped } = runObjectKeysOf(runObjectsPrefix, runId);
  const stored = new KeySet();
  const lines = new NdjsonLines();
  let lists = 0;
  const putList = async (): Promise<void> => {
    await store.put({ bucket, key: previousFiles(lists++) }, lines.take(), signal);
  };
  const add = async (batches: AsyncIterable<readonly string[]>): Promise<void> => {
    for await (const keys of batches)
      for (const key of keys) {
        if (!stored.add(key)) continue;
        lines.add(key);
        if (lines.bytes >= PREVIOUS_LIST_BYTES) await putList();
      }
  };

  const listing = listRunObjects();
  // The promise is not awaited if the manifest cannot be read.
  listing.catch(() => {});
  const listed = await openManifest(deps, { bucket, key: manifest }, signal);
  try {
    const runObjects = await listing;
    // An earlier attempt of this run has stored keys that nothing else lists any more. Their lists are read
    // first and in order. So each of these lists is replaced by one with the same keys.
    const own: string[] = [];
    while (runObjects.has(previousFiles(own.length))) own.push(previousFiles(own.length));
    for (const runObject of new Set([...own, ...runObjects]))
      await add(keysInRunObject(store, bucket, runObject, signal));
    // The manifest of a large archive refers to run objects. They have the prefix `archive.runs`, so they are read already.
    if (listed !== undefined) await add(inBatches(keysInLines(listed.objects), signal));
  } finally {
    listed?.close();
  }
  for (const closed of closedRunClaims) {
    const addObjects = ({ objects = [] }: Claim): Promise<void> => add(inBatches(objects, signal));
    await readClaim(deps, archive, claimKey(archivePath(archive), closed.runId), addObjects, signal);
  }
  if (lines.bytes > 0) await putList();
  return stored.size > 0;

  async function listRunObjects(): Promise<Set<string>> {
    const keys = new Set<string>();
    for await (const key of store.list(bucket, runObjectsPrefix, signal))
      if (key.endsWith('.ndjson') && key !== skipped) keys.add(key);
    return keys;
  }
}

/** Yields the keys that `storePreviousKeys` has stored, in batches. */
export async function* previousKeys(
  store: ObjectStore,
  { archive, runId }: { readonly archive: Archive; readonly runId: string },
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const { bucket } = archive;
  const { previousFiles } = runObjectKeysOf(archive.runs, runId);
  for (let index = 0; ; index++) {
    const body = await store.get({ bucket, key: previousFiles(index) }, MAX_RUN_OBJECT_BYTES, signal);
    if (body === undefined) return;
    yield* inBatches(keysInLines(body), signal);
    if (body.length < PREVIOUS_LIST_BYTES) return;
  }
}
