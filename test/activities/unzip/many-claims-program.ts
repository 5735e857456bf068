/**
 * Archives below the destination of zip/p.zip have the largest claims of failed runs, and large manifests. Unpacks versions
 * of zip/p.zip at the same time, each in its own bucket, and prints how many completed.
 */
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { claimKey } from '../../../domain/unzip/claim.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { zipOf } from '../../support/zip-writer.ts';

const LISTS = 12;
const ARCHIVES = 3;

const keysOf = (folder: string, count: number, unit: string): string[] =>
  Array.from({ length: count }, (_, at) => `${folder}${at}`.padEnd(1_000, unit));
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const largestClaim = (): Buffer => {
  // JSON has six bytes for each of these characters.
  const lists = { folders: keysOf('', 2_000, '\u0001'), objects: keysOf('unzip/p/q/', 1_000, '\u0001') };
  const run = { workflowId: 'unzip:q', runId: 'failed', workflow: 'unzipObject', etag: 'E' };
  return json({ ...run, key: 'zip/p/q.zip', ...lists });
};
const largeManifest = (): Buffer => {
  // Each of these characters needs two bytes in memory.
  const objects = keysOf('unzip/p/q/', 10_000, '\u4e2d').map((key) => ({ key }));
  return json({ source: { key: 'zip/p/q.zip' }, objects });
};

// All archives below the destination have the same claim and the same manifest.
const store = new MemoryObjectStore();
const get = store.get.bind(store);
store.set('lists', 'claim', largestClaim());
store.set('lists', 'manifest', largeManifest());
store.get = async (ref, limit, signal) => {
  // As after a request, other work of the process runs first.
  await setImmediate();
  const isClaim = ref.key.includes('/claims/p/');
  if (!isClaim && !ref.key.startsWith('unzip/.sluice/p/')) return await get(ref, limit, signal);
  return await get({ bucket: 'lists', key: isClaim ? 'claim' : 'manifest' }, limit, signal);
};
const closed = { status: 'cancelled', quiet: true } as const;
const runs = { find: async () => undefined, outcome: async () => closed, cancel: async () => {} };
const { unzip } = unzipActivities(store, tmpdir(), { runs });
const unzipped = Array.from({ length: ARCHIVES }, async (_, at) => {
  const bucket = `bucket-${at}`;
  for (let list = 0; list < LISTS; list++) {
    store.set(bucket, claimKey(`p/${list}`, 'failed'), Buffer.alloc(0));
    store.set(bucket, `unzip/.sluice/p/${list}.json`, Buffer.alloc(0));
  }
  store.set(bucket, 'zip/p.zip', zipOf([{ name: 'q/x' }]));
  return await unzip(bucket, 'zip/p.zip');
});
const results = await Promise.all(unzipped);
console.log(JSON.stringify({ completed: results.filter(({ outcome }) => outcome === 'completed').length }));
