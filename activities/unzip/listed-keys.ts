import { createHash } from 'node:crypto';
import { NdjsonLines, ndjsonLines, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectRef, ObjectStore } from '../../ports/object-store.ts';
import { pauseBetweenTurns } from './turn.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** Sluice never writes a larger manifest or run object. */
export const MAX_RUN_OBJECT_BYTES = 512 * 1024 * 1024;

export type ListDeps = Pick<UnzipDeps, 'store' | 'lists'>;

/**
 * What a manifest says about its archive. A large archive has `parts`: run objects with the list of objects. Call `close`
 * when it is no longer needed: a large manifest keeps others waiting.
 */
export interface OpenManifest {
  readonly sourceKey: string;
  /** The keys of the objects, one JSON string per line. Strings of their own would fill the JavaScript heap. */
  readonly objects: Buffer;
  readonly parts: readonly string[];
  /** Identifies the content of the manifest. */
  readonly hash: string;
  readonly close: () => void;
}

/** Returns what a manifest lists; undefined if there is no manifest. Never call this while another manifest is open. */
export async function openManifest(
  { store, lists }: ListDeps,
  manifest: ObjectRef,
  signal: AbortSignal,
): Promise<OpenManifest | undefined> {
  const list = await lists.open(store, manifest, MAX_RUN_OBJECT_BYTES, signal);
  if (list === undefined) return undefined;
  const content = contentOf(list.body);
  // The keys of a small manifest need little memory, and a large archive's manifest has none, so it keeps no others waiting.
  if (content === undefined || !list.isLarge || content.objects.length === 0) list.close();
  return content && { ...content, close: list.close };
}

function contentOf(body: Buffer): Omit<OpenManifest, 'close'> | undefined {
  try {
    const { source, objects, parts } = JSON.parse(body.toString('utf8')) as {
      source: { key: string };
      objects?: readonly WrittenObject[];
      parts?: readonly string[];
    };
    const keys = new NdjsonLines();
    for (const { key } of objects ?? []) keys.add(key);
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
    return { sourceKey: source.key, objects: keys.take(), parts: parts ?? [], hash };
  } catch {
    // The object with this key is not a manifest, so it lists no objects.
    return undefined;
  }
}

/** Yields the keys that a manifest lists, in batches. */
export async function* listedKeys(
  store: ObjectStore,
  bucket: string,
  { objects, parts }: Pick<OpenManifest, 'objects' | 'parts'>,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  yield* inBatches(keysInLines(objects), signal);
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
