import { Unavailable } from '../../domain/errors.ts';
import type { Archive } from '../../domain/unzip/archive.ts';
import { archivePath, type Claim, claimKey } from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import { NdjsonLines, PREVIOUS_LIST_BYTES, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import {
  inBatches,
  keysInArray,
  keysInLines,
  type ListDeps,
  MAX_RUN_OBJECT_BYTES,
  openManifest,
} from './listed-keys.ts';
import { readClaim, removeClaims } from './stored-claims.ts';

export interface StoredPreviousKeys {
  /** False if there are no such keys. */
  readonly any: boolean;
  /** The run objects of other runs. They can be deleted when the manifest, which may refer to them, is deleted. */
  readonly otherRunObjects: readonly string[];
}

/**
 * Collects the keys that earlier runs have written, also for earlier versions of the archive. Stores these keys in
 * objects of this run, so that the next run still knows them if this run fails. `closedRunClaims` are the claims of closed
 * runs.
 *
 * The first list is stored last. So if it exists, the others do, too.
 *
 * If two keys have the same hash, only one of them is stored. The object with the other key is then never deleted.
 * For two million keys, this happens once in ten million times.
 */
export async function storePreviousKeys(
  deps: ListDeps,
  {
    archive,
    runId,
    closedRunClaims,
  }: { archive: Archive; runId: string; closedRunClaims: readonly Pick<Claim, 'runId'>[] },
  signal: AbortSignal,
): Promise<StoredPreviousKeys> {
  const { store } = deps;
  const { bucket, manifest, runs: runObjectsPrefix } = archive;
  const { prefix, previousListKey, skipped } = runObjectKeysOf(archive, runId);
  const stored = new KeySet();
  const lines = new NdjsonLines();
  let lists = 0;
  let first: Buffer | undefined;
  let isNewList = true;
  const endList = async (): Promise<void> => {
    const list = lines.take();
    if (lists++ === 0) first = list;
    else await store.put({ bucket, key: previousListKey(lists - 1) }, list, signal);
  };
  const add = async (batches: AsyncIterable<readonly string[]>): Promise<void> => {
    for await (const keys of batches)
      for (const key of keys) {
        if (!stored.add(key)) continue;
        lines.add(key);
        if (lines.bytes >= PREVIOUS_LIST_BYTES) await endList();
      }
  };

  const listing = listRunObjects();
  // The promise is not awaited if the manifest cannot be read.
  listing.catch(() => {});
  const listed = await openManifest(deps, { bucket, key: manifest }, signal);
  try {
    const runObjects = new Set((await listing).filter((key) => key.endsWith('.ndjson') && key !== skipped));
    if (runObjects.size > 0) deps.lists.requireLongListsAllowed();
    // An earlier attempt of this run may have stored lists with keys that nothing else lists any more. This attempt
    // overwrites these lists. It reads them first and in order, so that each new list has the same keys as the list that
    // it overwrites.
    const own: string[] = [];
    while (runObjects.has(previousListKey(own.length))) own.push(previousListKey(own.length));
    for (const runObject of new Set([...own, ...runObjects])) {
      const list = await store.get({ bucket, key: runObject }, MAX_RUN_OBJECT_BYTES, signal);
      if (list === undefined) throw changedByOtherAttempt(runObject);
      await add(inBatches(keysInLines(list), signal));
    }
    isNewList = !runObjects.has(previousListKey(0));
    // The manifest of a large archive refers to run objects. They have the prefix `runObjectsPrefix`, so they are read already.
    if (listed !== undefined) await add(inBatches(keysInArray(listed.objects), signal));
  } finally {
    listed?.close();
  }
  for (const closed of closedRunClaims) {
    const addObjects = ({ objects = [] }: Claim): Promise<void> => add(inBatches(objects, signal));
    await readClaim(deps, archive, claimKey(archivePath(archive), closed.runId), addObjects, signal);
  }
  if (lines.bytes > 0) await endList();
  if (first !== undefined) {
    const firstList = { bucket, key: previousListKey(0) };
    if (isNewList && (await store.head(firstList, signal)) !== undefined)
      throw changedByOtherAttempt(firstList.key);
    await store.put(firstList, first, signal);
  }
  const otherRunObjects = (await listing).filter((key) => !key.startsWith(prefix));
  return { any: stored.size > 0, otherRunObjects };

  async function listRunObjects(): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const key of store.list(bucket, runObjectsPrefix, signal)) keys.push(key);
    return keys;
  }
}

/**
 * An earlier attempt, whose worker has lost its connection to Temporal, may still run. Then this order is possible:
 *
 * 1. This attempt searches for lists.
 * 2. The earlier attempt stores the complete list, and deletes the lists of other runs.
 * 3. This attempt cannot read the lists that it found in step 1, because they were deleted. The complete list was not
 *    among them.
 *
 * Without this error, this attempt would overwrite the complete list with an incomplete one.
 */
const changedByOtherAttempt = (key: string): Unavailable =>
  new Unavailable('ListsChanged', `another attempt of this run stores or deletes ${key} at the same time`);

/**
 * Deletes the run objects and claims of closed runs, whose keys this run has stored. Otherwise, an archive that fails again
 * and again would leave more and more lists, which each run reads. Call this when the manifest is deleted.
 */
export async function removeOtherLists(
  { store }: ListDeps,
  archive: Archive,
  {
    otherRunObjects,
    closedRunClaims,
  }: Pick<StoredPreviousKeys, 'otherRunObjects'> & { closedRunClaims: readonly Pick<Claim, 'runId'>[] },
  signal: AbortSignal,
): Promise<void> {
  if (otherRunObjects.length > 0) await store.remove(archive.bucket, otherRunObjects, signal);
  if (closedRunClaims.length > 0) await removeClaims({ store }, archive, closedRunClaims, signal);
}

/** Yields the keys that `storePreviousKeys` has stored, in batches. */
export async function* previousKeys(
  store: ObjectStore,
  { archive, runId }: { readonly archive: Archive; readonly runId: string },
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const { bucket } = archive;
  const { previousListKey } = runObjectKeysOf(archive, runId);
  for (let index = 0; ; index++) {
    const body = await store.get({ bucket, key: previousListKey(index) }, MAX_RUN_OBJECT_BYTES, signal);
    if (body === undefined) return;
    yield* inBatches(keysInLines(body), signal);
    if (body.length < PREVIOUS_LIST_BYTES) return;
  }
}
