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

/** A manifest or note larger than this is not one of ours. */
export const MAX_RUN_OBJECT_BYTES = 512 * 1024 * 1024;

/**
 * Before the first write: collects what earlier versions and runs have written into a note of this run, and takes the
 * old manifest away, so that from here on nobody takes a mix for whole.
 */
export function begin(
  { store }: UnzipDeps,
  { archive, runId }: { archive: Archive; runId: string },
): Promise<void> {
  const { bucket, manifest, runs } = archive;
  return withHeartbeat(
    () => 'collecting what was written before',
    async (signal) => {
      const own = runObjectKeysOf(runs, runId);
      const keys = new Set<string>();
      for await (const note of store.list(bucket, runs, signal)) {
        if (!note.endsWith('.ndjson') || note === own.skipped) continue;
        for (const key of await keysInRunObject(store, bucket, note, signal)) keys.add(key);
      }
      // Its parts are notes below the same prefix, so they have been read already.
      for (const key of await keysInManifest(store, bucket, manifest, signal)) keys.add(key);
      if (keys.size > 0) await store.put({ bucket, key: own.previousFiles }, ndjson(keys), signal);
      await store.remove(bucket, [manifest], signal);
    },
  );
}

/** The object keys that a manifest lists itself; none where there is no manifest, or none that can be read. */
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

/** The object keys in a note: either plain, or of written objects. */
export async function keysInRunObject(
  store: ObjectStore,
  bucket: string,
  note: string,
  signal: AbortSignal,
): Promise<string[]> {
  const body = await store.get({ bucket, key: note }, MAX_RUN_OBJECT_BYTES, signal);
  if (body === undefined) return [];
  const keys: string[] = [];
  for (const line of ndjsonLines(body) as Iterable<string | { key?: string }>) {
    const key = typeof line === 'string' ? line : line.key;
    if (key !== undefined) keys.push(key);
  }
  return keys;
}
