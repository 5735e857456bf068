import type { Archive } from '../../domain/unzip/archive.ts';
import type { Claim, ClaimingRun } from '../../domain/unzip/claim.ts';
import {
  ndjson,
  ndjsonLines,
  runObjectKeysOf,
  type WrittenObject,
} from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { closedClaims } from './claim-destination.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** Sluice never writes a larger manifest or run object. */
export const MAX_RUN_OBJECT_BYTES = 512 * 1024 * 1024;

/**
 * Runs before the first write. Collects the keys that earlier versions and runs have written, and stores them in an
 * object of this run. Deletes the old manifest, so that no consumer takes a mix of two versions for a complete one.
 */
export function begin(
  deps: UnzipDeps,
  { archive, runId, run }: { archive: Archive; runId: string; run?: ClaimingRun },
): Promise<void> {
  return withHeartbeat(
    () => 'collecting the keys of earlier runs',
    async (signal) => {
      const closed = run === undefined ? [] : await closedClaims(deps, archive, run, signal);
      await storePreviousKeys(deps.store, { archive, runId, closed }, signal);
      await deps.store.remove(archive.bucket, [archive.manifest], signal);
    },
  );
}

/**
 * Collects the keys that earlier versions and runs have written, and stores them in an object of this run, so that they
 * are still known if this run fails. `closed` are the claims of closed runs.
 */
export async function storePreviousKeys(
  store: ObjectStore,
  { archive, runId, closed }: { archive: Archive; runId: string; closed: readonly Claim[] },
  signal: AbortSignal,
): Promise<Set<string>> {
  const { bucket, manifest, runs } = archive;
  const ownRunObjects = runObjectKeysOf(runs, runId);
  const keys = new Set(closed.flatMap(({ objects }) => objects ?? []));
  const addAll = (added: readonly string[]): void => {
    for (const key of added) keys.add(key);
  };
  const readRunObjects = async (): Promise<void> => {
    for await (const runObject of store.list(bucket, runs, signal)) {
      if (!runObject.endsWith('.ndjson') || runObject === ownRunObjects.skipped) continue;
      addAll(await keysInRunObject(store, bucket, runObject, signal));
    }
  };
  // A large manifest refers to run objects. They have the prefix `runs`, so `readRunObjects` reads them.
  const readManifest = async (): Promise<void> =>
    addAll(await keysInManifest(store, bucket, manifest, signal));
  await Promise.all([readRunObjects(), readManifest()]);
  if (keys.size > 0) await store.put({ bucket, key: ownRunObjects.previousFiles }, ndjson(keys), signal);
  return keys;
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

export async function keysInRunObjects(
  store: ObjectStore,
  bucket: string,
  runObjects: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const keys: string[] = [];
  for (const runObject of runObjects)
    for (const key of await keysInRunObject(store, bucket, runObject, signal)) keys.push(key);
  return keys;
}

/** Returns the object keys in a run object. Each of its lines is a key or a `WrittenObject`. */
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
