import type { Archive } from '../../domain/unzip/archive.ts';
import { type ArchiveKeys, archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { keysInManifest, keysInRunObject } from './begin.ts';

/**
 * Returns the `previousKeys` that this archive may delete. Excludes keys outside its destination. Also excludes keys
 * of archives whose destination is inside that destination: `zip/a/b.zip` extracts into the destination of `zip/a.zip`.
 */
export async function obsoleteKeysOf(
  store: ObjectStore,
  { bucket, destination }: Archive,
  previousKeys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const obsolete = new Set([...previousKeys].filter((key) => key.startsWith(destination)));
  const folders = new Set<string>();
  for (const key of obsolete) {
    for (let at = key.indexOf('/', destination.length); at >= 0; at = key.indexOf('/', at + 1)) {
      folders.add(key.slice('unzip/'.length, at));
    }
  }
  for (const folder of folders) {
    for (const key of await keysOfNestedArchive(store, bucket, folder, signal)) obsolete.delete(key);
  }
  return [...obsolete];
}

/** Returns all keys that the archive of the folder has written or will write; none if there is no such archive. */
async function keysOfNestedArchive(
  store: ObjectStore,
  bucket: string,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const archiveKeys = tryArchiveKeys(bucket, `zip/${folder}.zip`);
  if (archiveKeys === undefined) return [];
  const keys = await keysInManifest(store, bucket, archiveKeys.manifest, signal);
  for await (const runObjectKey of store.list(bucket, archiveKeys.runs, signal)) {
    if (runObjectKey.endsWith('.ndjson'))
      keys.push(...(await keysInRunObject(store, bucket, runObjectKey, signal)));
  }
  return keys;
}

/** Returns the keys that belong to an archive; undefined if `key` cannot be the key of an archive. */
function tryArchiveKeys(bucket: string, key: string): ArchiveKeys | undefined {
  try {
    return archiveKeysOf(bucket, key);
  } catch {
    return undefined;
  }
}
