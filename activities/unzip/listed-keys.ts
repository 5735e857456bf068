import { createHash } from 'node:crypto';
import { ndjsonLines, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectRef, ObjectStore } from '../../ports/object-store.ts';
import { pauseBetweenTurns } from './turn.ts';

/** Sluice never writes a larger manifest or run object. */
export const MAX_RUN_OBJECT_BYTES = 512 * 1024 * 1024;

/** What a manifest says about its archive. A large manifest has `parts`: run objects with the list of objects. */
export interface ManifestHead {
  readonly sourceKey: string;
  readonly objects: readonly string[];
  readonly parts: readonly string[];
  /** Identifies the content of the manifest. */
  readonly hash: string;
}

/** Returns what a manifest lists; undefined if there is no manifest. */
export async function readManifest(
  store: ObjectStore,
  manifest: ObjectRef,
  signal: AbortSignal,
): Promise<ManifestHead | undefined> {
  const body = await store.get(manifest, MAX_RUN_OBJECT_BYTES, signal);
  if (body === undefined) return undefined;
  try {
    const { source, objects, parts } = JSON.parse(body.toString('utf8')) as {
      source: { key: string };
      objects?: readonly WrittenObject[];
      parts?: readonly string[];
    };
    const keys = objects?.map((object) => object.key) ?? [];
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
    return { sourceKey: source.key, objects: keys, parts: parts ?? [], hash };
  } catch {
    // The object with this key is not a manifest, so it lists no objects.
    return undefined;
  }
}

/** Yields the keys that a manifest lists, in batches. */
export async function* listedKeys(
  store: ObjectStore,
  bucket: string,
  { objects, parts }: Pick<ManifestHead, 'objects' | 'parts'>,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  yield* inBatches(objects, signal);
  for (const part of parts) yield* keysInRunObject(store, bucket, part, signal);
}

export async function* keysInRunObjects(
  store: ObjectStore,
  bucket: string,
  runObjects: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (const runObject of runObjects)
    for await (const keys of keysInRunObject(store, bucket, runObject, signal)) yield* keys;
}

/** Yields the object keys in a run object, in batches. Yields nothing if the run object does not exist. */
export async function* keysInRunObject(
  store: ObjectStore,
  bucket: string,
  key: string,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const body = await store.get({ bucket, key }, MAX_RUN_OBJECT_BYTES, signal);
  if (body !== undefined) yield* inBatches(keysInLines(body), signal);
}

/** Yields the object keys in the content of a run object. Each of its lines is a key or a `WrittenObject`. */
export function* keysInLines(body: Buffer): Generator<string> {
  for (const line of ndjsonLines(body) as Iterable<string | { key?: string }>) {
    const key = typeof line === 'string' ? line : line.key;
    if (key !== undefined) yield key;
  }
}

const BATCH_ITEMS = 1_000;

/**
 * Yields items in batches, and lets other work of the process run between them. There may be millions of items. Only those
 * of one batch are on the JavaScript heap.
 */
export async function* inBatches<T>(items: Iterable<T>, signal: AbortSignal): AsyncGenerator<readonly T[]> {
  const pause = pauseBetweenTurns(signal);
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH_ITEMS) continue;
    yield batch;
    batch = [];
    await pause();
  }
  if (batch.length > 0) yield batch;
}
