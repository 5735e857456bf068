/**
 * Begins and publishes a run of an archive with many long keys. Its destination contains that of another archive. Prints
 * how many objects are deleted.
 */
import { tmpdir } from 'node:os';
import { NdjsonLines, runObjectKeysOf } from '../../../domain/unzip/run-object-keys.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const BUCKET = 'eb-ask';
const KEYS_PER_PART = 2_000;
const keys = Number(process.argv[2]);

const archive = {
  ...{ bucket: BUCKET, key: 'zip/p.zip', etag: 'E', size: 1, base: 'p', destination: 'unzip/p/' },
  ...{ manifest: 'unzip/.sluice/p.json', runs: 'unzip/.sluice/.sluice/p/' },
};
const store = new MemoryObjectStore();
let deleted = 0;
store.before = ({ method, key }) => {
  if (method === 'remove' && key.startsWith(archive.destination)) deleted++;
  // The list of calls would fill the memory.
  store.calls.length = 0;
};

/** Stores the parts of a run that has written these keys, and returns the keys of the parts. */
function putParts(run: string, from: number, to: number): string[] {
  const parts: string[] = [];
  for (let first = from; first < to; first += KEYS_PER_PART) {
    const lines = new NdjsonLines();
    for (let at = first; at < first + KEYS_PER_PART; at++)
      lines.add({ key: `unzip/p/${at}/`.padEnd(1_000, 'x'), size: 1, crc32: '00000000' });
    const part = runObjectKeysOf(archive, run).part(parts.length);
    store.set(BUCKET, part, lines.take());
    parts.push(part);
  }
  return parts;
}

const { run, shared } = unzipActivities(store, tmpdir());
const claiming = { workflowId: 'unzip', runId: 'own', workflow: 'unzipArchive' as const };
const task = { archive, runId: 'own', run: claiming };
// The earlier run has written the first two thirds of the keys. A quarter of these belong to another archive, too.
const third = keys / 3;
const earlier = putParts('earlier', 0, 2 * third);
const parts = earlier.slice(0, earlier.length / 4).map((part, at) => {
  const copy = `unzip/.sluice/.sluice/q/${at}`;
  store.set(BUCKET, copy, store.content(BUCKET, part) ?? Buffer.alloc(0));
  return copy;
});
const other = { source: { key: 'zip/p/q.zip' }, parts };
store.set(BUCKET, 'unzip/.sluice/p/q.json', Buffer.from(JSON.stringify(other)));
await run(shared.begin, task);
const ownParts = putParts('own', third, keys).length;
const expected = { files: 2 * third, bytes: 2 * third };
await run(shared.publish, { ...task, event: null, parts: ownParts, expected, skipped: false });
console.log(JSON.stringify({ deleted, maxRssMib: Math.round(process.resourceUsage().maxRSS / 1024) }));
