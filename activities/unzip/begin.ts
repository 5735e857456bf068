import type { Archive } from '../../domain/unzip/archive.ts';
import {
  ndjson,
  ndjsonLines,
  runObjectKeysOf,
  type WrittenObject,
} from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** Sluice never writes a larger manifest or run object. */
export const MAX_RUN_OBJECT_BYTES = 512 * 1024 * 1024;

/**
 * Runs before the first write. Stores the keys that earlier versions and runs have written in an object of this run,
 * and deletes the old manifest, so that no consumer takes a mix of two versions for a complete one.
 */
export function begin(
  { store }: UnzipDeps,
  { archive, runId }: { archive: Archive; runId: string },
): Promise<void> {
  const { bucket, manifest, runs } = archive;
  return withHeartbeat(
    () => 'collecting the keys of earlier runs',
    async (signal) => {
      const own = runObjectKeysOf(runs, runId);
      const keys = new Set<string>();
      for await (const runObject of store.list(bucket, runs, signal)) {
        if (!runObject.endsWith('.ndjson') || runObject === own.skipped) continue;
        for (const key of await keysInRunObject(store, bucket, runObject, signal)) keys.add(key);
      }
      // The parts of the manifest have the same prefix, so they have already been read.
      for (const key of await keysInManifest(store, bucket, manifest, signal)) keys.add(key);
      if (keys.size > 0) await store.put({ bucket, key: own.previousFiles }, ndjson(keys), signal);
      await store.remove(bucket, [manifest], signal);
    },
  );
}

/** Returns the object keys in the manifest itself; none if there is no manifest or it is unreadable. */
export async function keysInManifest(
  store: ObjectStore,
  bucket: string,
  manifest: string,
  signal: AbortSignal,
): Promise<string[]> {
  const body = await store.get({ bucket, key: manifest }, MAX_RUN_OBJECT_BYTES, signal);
  try {
    const { objects = [] } = JSON.parse(String(body)) as { objects?: readonly WrittenObject[] };
    return objects.map(({ key }) => key);
  } catch {
    return [];
  }
}

/** Returns the object keys in a run object. Its lines are keys or `WrittenObject`s. */
export async function keysInRunObject(
  store: ObjectStore,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<string[]> {
  const body = await store.get({ bucket, key }, MAX_RUN_OBJECT_BYTES, signal);
  if (body === undefined) return [];
  const keys: string[] = [];
  for (const line of ndjsonLines(body) as Iterable<string | { key?: string }>) {
    const key = typeof line === 'string' ? line : line.key;
    if (key !== undefined) keys.push(key);
  }
  return keys;
}
