import type { Archive } from '../../domain/unzip/archive.ts';
import { type ArchiveKeys, archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { keysInManifest, keysInRunObject } from './begin.ts';

/**
 * What earlier versions wrote and this one has not, without what is not this archive's to delete: keys outside of its
 * destination, and objects of an archive whose destination lies within, such as `zip/a/b.zip` within that of `zip/a.zip`.
 */
export async function obsoleteKeysOf(
  store: ObjectStore,
  { bucket, destination }: Archive,
  stale: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const own = new Set([...stale].filter((key) => key.startsWith(destination)));
  const folders = new Set<string>();
  for (const key of own) {
    for (let at = key.indexOf('/', destination.length); at >= 0; at = key.indexOf('/', at + 1)) {
      folders.add(key.slice('unzip/'.length, at));
    }
  }
  for (const folder of folders) {
    for (const key of await keysOfNestedArchive(store, bucket, folder, signal)) own.delete(key);
  }
  return [...own];
}

/** All keys that the archive of this folder, if there is one, has written or is about to write. */
async function keysOfNestedArchive(
  store: ObjectStore,
  bucket: string,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const place = tryArchiveKeys(bucket, `zip/${folder}.zip`);
  if (place === undefined) return [];
  const keys = await keysInManifest(store, bucket, place.manifest, signal);
  for await (const note of store.list(bucket, place.runs, signal)) {
    if (note.endsWith('.ndjson')) keys.push(...(await keysInRunObject(store, bucket, note, signal)));
  }
  return keys;
}

/** A folder whose name no archive can have belongs to none. */
function tryArchiveKeys(bucket: string, key: string): ArchiveKeys | undefined {
  try {
    return archiveKeysOf(bucket, key);
  } catch {
    return undefined;
  }
}
