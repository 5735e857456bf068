import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { Archive } from '../../domain/unzip/archive.ts';
import {
  archivePath,
  type Claim,
  destinationTaken,
  mayOverlap,
  pathsAbove,
} from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import { runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import {
  type ListDeps,
  listedKeys,
  MAX_RUN_OBJECT_BYTES,
  type OpenManifest,
  openManifest,
} from './listed-keys.ts';

const MANIFESTS = 'unzip/.sluice/';

const PARALLEL_CALLS = 16;

/** The archive of a run, and what it writes. */
export interface OwnFiles {
  readonly archive: Archive;
  readonly runId: string;
  readonly folders: Claim['folders'];
  /** Yields the keys that the run writes. They are read only if another manifest may list some of them. */
  readonly keys: () => Keys;
}

/** There may be millions of keys, so a caller does not collect them. */
type Keys = Iterable<string> | AsyncIterable<string>;

/**
 * Throws `DestinationTaken` if the archive would overwrite or delete an existing object of another archive. There are
 * two cases:
 * - The manifest of the destination is from another archive, and lists an existing object.
 * - The destination of another archive contains this destination, or lies inside it. The other archive's manifest lists
 *   an existing object with a key that this run writes.
 *
 * A manifest that was checked before the first write is not checked again. That check found no object for any key that
 * both the manifest and this run have. So an object that now exists under such a key was written by this run, and is no
 * conflict.
 * Returns true if the checked manifests are noted in a run object.
 */
export async function checkAndNoteManifests(
  deps: ListDeps,
  own: OwnFiles,
  signal: AbortSignal,
): Promise<boolean> {
  const { store } = deps;
  const { archive } = own;
  const { bucket } = archive;
  const throwIfAnyExists = async (
    { sourceKey, ...list }: OpenManifest,
    { perhapsWrites, writes }: { perhapsWrites(key: string): boolean; writes(key: string): Promise<boolean> },
  ) => {
    for await (const keys of listedKeys(deps, bucket, list, signal)) {
      const candidates = new Set(keys.filter(perhapsWrites));
      for (;;) {
        const existing = await firstExisting(store, bucket, candidates, signal);
        if (existing === undefined) break;
        if (await writes(existing))
          throw destinationTaken(
            archive,
            sourceKey,
            `has the object ${existing}; delete it, or release the destination`,
          );
        candidates.delete(existing);
      }
    }
  };
  const same = await openManifest(deps, { bucket, key: archive.manifest }, signal);
  try {
    if (same !== undefined && same.sourceKey !== archive.key)
      await throwIfAnyExists(same, { perhapsWrites: () => true, writes: async () => true });
  } finally {
    same?.close();
  }
  const note = { bucket, key: runObjectKeysOf(archive, own.runId).checkedManifests };
  let checked: Set<string> | undefined;
  let ownKeys: KeySet | undefined;
  for await (const manifest of manifestsOfOthers(deps, own, signal)) {
    checked ??= new Set(JSON.parse(String((await store.get(note, MAX_RUN_OBJECT_BYTES, signal)) ?? '[]')));
    if (checked.has(manifest.hash)) continue;
    ownKeys ??= await keySetOf(own.keys());
    const perhapsOwn = ownKeys;
    await throwIfAnyExists(manifest, {
      perhapsWrites: (key) => perhapsOwn.has(key),
      writes: (key) => includes(own.keys(), key),
    });
    checked.add(manifest.hash);
  }
  if (checked === undefined) return false;
  await store.put(note, Buffer.from(JSON.stringify([...checked])), signal);
  return true;
}

async function keySetOf(keys: Keys): Promise<KeySet> {
  const set = new KeySet();
  for await (const key of keys) set.add(key);
  return set;
}

/** Two keys can have the same hash, so this function compares the keys. */
async function includes(keys: Keys, searched: string): Promise<boolean> {
  for await (const key of keys) if (key === searched) return true;
  return false;
}

/**
 * Returns those of the keys that the manifest of another archive lists. For example, the destination of `zip/a.zip`
 * contains the destination of `zip/a/b.zip`, so a key under `unzip/a/` can belong to `zip/a/b.zip`.
 */
export async function listedByOthers(
  deps: ListDeps,
  { archive, keys }: { readonly archive: Archive; readonly keys: KeySet },
  signal: AbortSignal,
): Promise<KeySet> {
  const listed = new KeySet();
  for await (const manifest of manifestsOfOthers(deps, { archive, folders: null }, signal))
    for await (const batch of listedKeys(deps, archive.bucket, manifest, signal))
      for (const key of batch) if (keys.has(key)) listed.add(key);
  return listed;
}

/** Yields the manifests of other archives that may list the same keys, one at a time. Each can have thousands of keys. */
async function* manifestsOfOthers(
  deps: ListDeps,
  own: Pick<OwnFiles, 'archive' | 'folders'>,
  signal: AbortSignal,
): AsyncGenerator<OpenManifest> {
  const { bucket, key: sourceKey } = own.archive;
  for (const key of await relatedManifests(deps.store, own, signal)) {
    const manifest = await openManifest(deps, { bucket, key }, signal);
    try {
      if (manifest !== undefined && manifest.sourceKey !== sourceKey) yield manifest;
    } finally {
      manifest?.close();
    }
  }
}

/**
 * Returns the keys of manifests that may list a key of this archive. These are the manifests of archives whose destination
 * contains this destination, or lies inside it.
 */
async function relatedManifests(
  store: ObjectStore,
  { archive, folders }: Pick<OwnFiles, 'archive' | 'folders'>,
  signal: AbortSignal,
): Promise<string[]> {
  const { bucket, key } = archive;
  const path = archivePath({ key });
  const manifests = pathsAbove(path).map((above) => `${MANIFESTS}${above}.json`);
  for await (const manifest of store.list(bucket, `${MANIFESTS}${path}/`, signal)) {
    if (!manifest.endsWith('.json')) continue;
    const below = manifest.slice(MANIFESTS.length, -'.json'.length);
    if (mayOverlap({ key, folders }, { key: `zip/${below}.zip`, folders: null })) manifests.push(manifest);
  }
  return manifests;
}

/** Returns one of the keys whose object exists; undefined if none exists. */
async function firstExisting(
  store: ObjectStore,
  bucket: string,
  keys: Iterable<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  let existing: string | undefined;
  await forEachParallel(keys, PARALLEL_CALLS, async (key) => {
    if (existing === undefined && (await store.head({ bucket, key }, signal)) !== undefined) existing ??= key;
  });
  return existing;
}
