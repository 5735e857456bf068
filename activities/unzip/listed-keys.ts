import { createHash } from 'node:crypto';
import { jsonItems, jsonMembers } from '../../domain/json-bytes.ts';
import { ndjsonLines, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
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
  /** The JSON array of the objects, for `keysInArray`. Parsed as a whole, it could fill the JavaScript heap. */
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
  let content: Omit<OpenManifest, 'close'> | undefined;
  try {
    content = await contentOf(list.body, signal);
  } catch (error) {
    list.close();
    throw error;
  }
  // A manifest needs little memory if it is small, or has `parts` instead of objects. Then its room in `ListMemory` is
  // released at once. The manifest stays usable, and a later `close` has no effect.
  if (content === undefined || !list.isLarge || content.objects === NO_OBJECTS) list.close();
  return content && { ...content, close: list.close };
}

const NO_OBJECTS = Buffer.from('[]');

/** Reads a manifest. At most a thousand items of its list of objects are on the JavaScript heap at a time. */
async function contentOf(
  body: Buffer,
  signal: AbortSignal,
): Promise<Omit<OpenManifest, 'close'> | undefined> {
  let source: { readonly key: string } | undefined;
  let objects: Buffer = NO_OBJECTS;
  let parts: readonly string[] = [];
  try {
    for (const [name, value] of jsonMembers(body))
      if (name === 'source') source = JSON.parse(String(value)) as typeof source;
      else if (name === 'objects') objects = value;
      else if (name === 'parts') parts = JSON.parse(String(value)) as typeof parts;
    // Parses all items once, so that an invalid list is found before some of its keys are stored or deleted.
    for await (const _ of inBatches(keysInArray(objects), signal));
  } catch {
    signal.throwIfAborted();
    source = undefined;
  }
  // Without a source, the object with this key is not a manifest, so it lists no objects.
  if (source === undefined) return undefined;
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
  return { sourceKey: source.key, objects, parts, hash };
}

/** Yields the keys in the list of objects of a manifest. */
export function* keysInArray(objects: Buffer): Generator<string> {
  for (const item of jsonItems(objects)) {
    const { key } = JSON.parse(String(item)) as Partial<WrittenObject>;
    if (key !== undefined) yield key;
  }
}

/** Yields the keys that a manifest lists, in batches. */
export async function* listedKeys(
  { store, lists }: ListDeps,
  bucket: string,
  { objects, parts }: Pick<OpenManifest, 'objects' | 'parts'>,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  yield* inBatches(keysInArray(objects), signal);
  if (parts.length > 0) lists.requireLongListsAllowed();
  for (const part of parts) yield* keyBatchesInRunObject(store, bucket, part, signal);
}

export async function* keysInRunObjects(
  store: ObjectStore,
  bucket: string,
  runObjects: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (const runObject of runObjects)
    for await (const keys of keyBatchesInRunObject(store, bucket, runObject, signal)) yield* keys;
}

/** Yields the object keys in a run object, in batches. Yields nothing if the run object does not exist. */
export async function* keyBatchesInRunObject(
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
