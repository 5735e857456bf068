import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { Archive } from '../../domain/unzip/archive.ts';
import {
  archivePath,
  type Claim,
  destinationTaken,
  mayOverlap,
  pathsAbove,
} from '../../domain/unzip/claim.ts';
import { runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { listedKeys, MAX_RUN_OBJECT_BYTES, type ManifestHead, readManifest } from './listed-keys.ts';

const MANIFESTS = 'unzip/.sluice/';

const PARALLEL_CALLS = 16;

/** The archive of a run, and what it writes. */
export interface OwnFiles {
  readonly archive: Archive;
  readonly runId: string;
  readonly folders: Claim['folders'];
  /** Yields the keys that the run writes. They are read only if another manifest may list some of them. */
  readonly keys: () => Iterable<string> | Promise<Iterable<string>>;
}

/**
 * Throws `DestinationTaken` if the archive would overwrite or delete an existing object of another archive. There are
 * two cases:
 * - The manifest of the destination is from another archive, and lists an existing object.
 * - The destination of another archive contains this destination, or lies inside it. The other archive's manifest lists
 *   an existing object with a key that this run writes.
 *
 * A manifest that was checked before the first write is not checked again. If an object that it lists exists now, then
 * this run has written the object. Returns true if the checked manifests are noted in a run object.
 */
export async function checkManifests(
  store: ObjectStore,
  own: OwnFiles,
  signal: AbortSignal,
): Promise<boolean> {
  const { archive } = own;
  const { bucket } = archive;
  const throwIfAnyExists = async ({ sourceKey, ...list }: ManifestHead, filter: (key: string) => boolean) => {
    for await (const keys of listedKeys(store, bucket, list, signal)) {
      const existing = await firstExisting(store, bucket, keys.filter(filter), signal);
      if (existing !== undefined)
        throw destinationTaken(
          archive,
          sourceKey,
          `has the object ${existing}; delete it, or release the destination`,
        );
    }
  };
  const same = await readManifest(store, { bucket, key: archive.manifest }, signal);
  if (same !== undefined && same.sourceKey !== archive.key) await throwIfAnyExists(same, () => true);
  const others: ManifestHead[] = [];
  for (const key of await relatedManifests(store, own, signal)) {
    const manifest = await readManifest(store, { bucket, key }, signal);
    if (manifest !== undefined && manifest.sourceKey !== archive.key) others.push(manifest);
  }
  if (others.length === 0) return false;
  const note = { bucket, key: runObjectKeysOf(archive.runs, own.runId).checkedManifests };
  const noted = await store.get(note, MAX_RUN_OBJECT_BYTES, signal);
  const checked = new Set<string>(JSON.parse(String(noted ?? '[]')));
  const ownKeys = new Set(await own.keys());
  for (const manifest of others) {
    if (!checked.has(manifest.hash)) await throwIfAnyExists(manifest, (key) => ownKeys.has(key));
    checked.add(manifest.hash);
  }
  await store.put(note, Buffer.from(JSON.stringify([...checked])), signal);
  return true;
}

/**
 * Returns the `previousKeys` that this archive may delete: keys in its destination that no manifest of another
 * archive lists. For example, the destination of `zip/a.zip` contains the destination of `zip/a/b.zip`, so keys in it
 * can belong to `zip/a/b.zip`.
 */
export async function obsoleteKeysOf(
  store: ObjectStore,
  archive: Archive,
  previousKeys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const { bucket, destination } = archive;
  const obsolete = new Set([...previousKeys].filter((key) => key.startsWith(destination)));
  if (obsolete.size === 0) return [];
  for (const key of await relatedManifests(store, { archive, folders: null }, signal)) {
    const manifest = await readManifest(store, { bucket, key }, signal);
    if (manifest === undefined || manifest.sourceKey === archive.key) continue;
    for await (const listed of listedKeys(store, bucket, manifest, signal))
      for (const each of listed) obsolete.delete(each);
  }
  return [...obsolete];
}

/**
 * Returns the keys of the manifests of other archives that may list the same keys: of archives whose destination
 * contains the destination of this one, or lies inside it.
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
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  let existing: string | undefined;
  await forEachParallel(keys, PARALLEL_CALLS, async (key) => {
    if (existing === undefined && (await store.head({ bucket, key }, signal)) !== undefined) existing ??= key;
  });
  return existing;
}
