import type { Archive } from '../../domain/unzip/archive.ts';
import { type ArchivePlace, placeOf } from '../../domain/unzip/archive-key.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { keysIn, listedIn } from './begin.ts';

/**
 * What earlier versions wrote and this one has not, without what is not this archive's to delete: keys outside of its
 * destination, and objects of an archive whose destination lies within, such as `zip/a/b.zip` within that of `zip/a.zip`.
 */
export async function ownStale(
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
    for (const key of await keysOfArchiveIn(store, bucket, folder, signal)) own.delete(key);
  }
  return [...own];
}

/** All keys that the archive of this folder, if there is one, has written or is about to write. */
async function keysOfArchiveIn(
  store: ObjectStore,
  bucket: string,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const place = archivePlace(bucket, `zip/${folder}.zip`);
  if (place === undefined) return [];
  const keys = await listedIn(store, bucket, place.manifest, signal);
  for await (const note of store.list(bucket, place.runs, signal)) {
    if (note.endsWith('.ndjson')) keys.push(...(await keysIn(store, bucket, note, signal)));
  }
  return keys;
}

/** A folder whose name no archive can have belongs to none. */
function archivePlace(bucket: string, key: string): ArchivePlace | undefined {
  try {
    return placeOf(bucket, key);
  } catch {
    return undefined;
  }
}
